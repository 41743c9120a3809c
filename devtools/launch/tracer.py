"""Notes which functions of one folder run, in the order in which they are called.

Imported by tests and by ``stories.py``, never by ``./dev`` itself.
"""

import dis
import sys
from functools import cache
from inspect import CO_GENERATOR
from pathlib import Path


class Tracer:
    """The calls of functions defined below a folder, while it listens.

    Of this thread only. What is no function of its own is left out: lambdas,
    comprehensions, class bodies, and the second and later turns of a generator. So is
    all that happens inside ``muted`` functions, and inside ``hooks`` that are called
    from outside the folder.

    :param Path folder: whose files count
    :param without: names of folders in it that do not
    :param muted: code objects
    :param hooks: names of functions
    :param wrappers: ends of the names of files whose functions only pass a call on
    """

    def __init__(self, folder, *, without=(), muted=(), hooks=(), wrappers=()):
        self.folder = Path(folder)
        self.without = set(without)
        self.muted = set(muted)
        self.hooks = set(hooks)
        self.wrappers = tuple(wrappers)
        self.calls = []  # (file, function, file of who called it), in their order
        self.until = None  # function of no argument: True before the first call to note
        self._silent = None  # the outermost frame of a muted function

    def start(self, until=None):
        """Listen, or wait for ``until()`` to be true and listen then."""
        self.until = until
        sys.setprofile(self._heard)

    def stop(self):
        """Listen no more."""
        sys.setprofile(None)
        self._silent = None

    def _heard(self, frame, event, _argument):
        if self._silent:
            if event == "return" and frame is self._silent:
                self._silent = None
        elif event == "call":
            if frame.f_code in self.muted or self._is_called_by_itself(frame):
                self._silent = frame
            else:
                self._called(frame)

    def _called(self, frame):
        code = frame.f_code
        file = self._file(code.co_filename)
        if not file or "<" in code.co_name or not _begins(frame):
            return
        if self.until:
            if not self.until():
                return
            self.until = None
        self.calls.append((file, code.co_name, self._caller(frame)))

    def _caller(self, frame):
        """Return the file of the nearest function of the folder above, "" if none."""
        while frame := frame.f_back:
            if file := self._file(frame.f_code.co_filename):
                return file
        return ""

    def _is_called_by_itself(self, frame):
        """Say whether a hook of the folder is called from outside of it."""
        if frame.f_code.co_name not in self.hooks:
            return False
        caller = frame.f_back
        while caller and caller.f_code.co_filename.endswith(self.wrappers):
            caller = caller.f_back
        name = caller.f_code.co_filename if caller else ""
        return not Path(name).is_relative_to(self.folder)

    @cache  # noqa: B019 (there is one, and it dies with its program)
    def _file(self, name):
        """Return a file's path in the folder, "" for one that does not count."""
        path = Path(name)
        if not path.is_relative_to(self.folder):
            return ""
        relative = path.relative_to(self.folder)
        return "" if self.without.intersection(relative.parts) else str(relative)


def _begins(frame):
    """Say whether a frame is called, not a generator's that goes on."""
    return not frame.f_code.co_flags & CO_GENERATOR or frame.f_lasti < _yield(
        frame.f_code
    )


@cache
def _yield(code):
    """Return the offset of a generator's first ``yield``."""
    return next(
        instruction.offset
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith(("YIELD", "SEND"))
    )
