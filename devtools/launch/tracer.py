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
        #: In their order: file, function, number of the call that made this one (-1),
        #: name of the model that it is a method of ("").
        self.calls = []
        self._running = {}  # frame -> its number
        self.until = None  # function of no argument: True before the first call to note
        self._silent = None  # the outermost frame of a muted function

    def start(self, until=None):
        """Listen, or wait for ``until()`` to be true and listen then."""
        self.until = until
        sys.setprofile(self._heard)

    def pause(self):
        """Do not listen until :meth:`start`; who runs meanwhile is not forgotten."""
        sys.setprofile(None)
        self._silent = None

    def stop(self):
        """Listen no more."""
        self.pause()
        self._running.clear()

    def _heard(self, frame, event, _argument):
        if self._silent:
            if event == "return" and frame is self._silent:
                self._silent = None
        elif event == "return":
            if not _goes_on(frame):
                self._running.pop(frame, None)
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
        self._running[frame] = len(self.calls)
        self.calls.append((file, code.co_name, self._caller(frame), _model(frame)))

    def _caller(self, frame):
        """Return the number of the call that made this one, -1 if none was noted."""
        while frame := frame.f_back:
            if frame in self._running:
                return self._running[frame]
        return -1

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


def _goes_on(frame):
    """Say whether a frame that returns is a generator's, which may be resumed."""
    return bool(frame.f_code.co_flags & CO_GENERATOR)


def _model(frame):
    """Return the name of the model whose method a frame runs, or ""."""
    code = frame.f_code
    if not code.co_argcount or code.co_varnames[0] != "self":
        return ""
    first = frame.f_locals.get("self")
    name = getattr(first, "_name", "") if hasattr(first, "_fields") else ""
    return name if isinstance(name, str) else ""


@cache
def _yield(code):
    """Return the offset of a generator's first ``yield``."""
    return next(
        instruction.offset
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith(("YIELD", "SEND"))
    )
