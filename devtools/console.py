"""What people read: steps with their seconds, and problems in one line."""

import sys
import time
from contextlib import ExitStack, contextmanager


class Problem(Exception):
    """Something the user can mend. The text says what is wrong and what to do.

    ``./dev`` prints it as one line and exits with 1, without a traceback.
    """


def say(text):
    """Print a line for people. Always on stderr: stdout belongs to ``--json``."""
    print(text, file=sys.stderr, flush=True)


class Steps:
    """Numbered steps: ``[3/5] Template database ... 41.2 s``."""

    def __init__(self, total):
        self.total = total
        self.number = 0

    @contextmanager
    def step(self, title):
        """Announce a step, and say how long it took when it is done."""
        self.number += 1
        label = f"[{self.number}/{self.total}] {title}"
        say(f"{label} ...")
        start = time.monotonic()
        yield
        say(f"{label} ... {time.monotonic() - start:.1f} s")

    @contextmanager
    def enter(self, title, manager):
        """Enter a context manager as a step, which ends when it is entered."""
        with ExitStack() as stack:
            with self.step(title):
                value = stack.enter_context(manager)
            yield value


def detail(text):
    """Print what happens inside a step."""
    say(f"      {text}")
