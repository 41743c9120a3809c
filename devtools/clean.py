"""./dev clean: remove all that ./dev made, here and in the user's cache folder."""

import fcntl
import shutil
from contextlib import ExitStack

from .console import Problem, say
from .paths import STATE, cache


def main(argv):
    """Remove the checkout's ignored folder and the cache.

    :raises Problem: while another run of this checkout uses them
    """
    if argv:
        print(f"{__doc__}\nOther checkouts of yours share the cache: they rebuild it.")
        return 0 if argv[0] in ("-h", "--help") else 2
    with ExitStack() as stack:
        users = STATE / "postgres" / "users.lock"
        if users.exists():
            handle = stack.enter_context(open(users, "a"))
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(
                    "another ./dev of this checkout is running: stop it first."
                ) from None
        for folder in (STATE, cache()):
            if folder.exists():
                say(f"removing {folder}")
                shutil.rmtree(folder)
    return 0
