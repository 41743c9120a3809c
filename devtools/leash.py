"""Runs a program that dies when the process that started it does.

    python -m devtools.leash SIGNAL PARENT PROGRAM ARGUMENTS...

SIGNAL is what the kernel sends then (Linux); PARENT is the id of the parent, which
may have died before we could ask for it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(number, parent, *command):
    """Ask the kernel for the signal, then become the program.

    Ctrl-C's signal is no longer ignored, as it is below a shell's background job: it
    is what some programs end on.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != int(parent):
            sys.exit("the process that started this one is gone")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
