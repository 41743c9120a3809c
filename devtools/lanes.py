"""Runs programs beside each other, no more at once than there are cores for them."""

import os
import queue
import threading
from contextlib import contextmanager

from .console import Problem, say

#: How many run at once. Two on a machine with one core, too: some mostly wait.
CORES = max(2, os.cpu_count() or 2)


class Lanes:
    """A queue of jobs, and threads that run them in its order.

    Each thread lives until all jobs have ended, since a program of ours ends with the
    thread that has started it (:mod:`devtools.leash`).

    :param int number: how many jobs run at once; it may grow
    """

    def __init__(self, number=1):
        self.number = number
        self._jobs = queue.Queue()
        self._threads = []
        self._running = {}
        self._changing = threading.Lock()
        self._stopped = False

    def add(self, job):
        """Let a job wait for a lane.

        :param job: function of another function, which it has to call with each
            :class:`devtools.processes.Child` that it starts
        """
        if len(self._threads) < self.number:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    @contextmanager
    def ending(self):
        """End all jobs with the block: wait for them, or stop them where it is left.

        A Problem of the block is one of what was to be added yet: the others end.
        """
        try:
            yield
            self.wait()
        except Problem:
            self.wait()
            raise
        except BaseException:
            self.stop()
            raise

    def wait(self):
        """Return when all jobs have ended; there are no lanes then."""
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def stop(self):
        """Stop what runs, forget what waits, and return when all have ended."""
        with self._changing:
            self._stopped = True
            running = list(self._running.values())
        stopping = [threading.Thread(target=process.stop) for process in running]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        self.wait()

    def _work(self):
        while job := self._jobs.get():
            if self._stopped:
                continue
            try:
                job(self._note)
            except (Problem, OSError) as problem:
                say(f"dev: {problem}")
            finally:
                with self._changing:
                    self._running.pop(threading.get_ident(), None)

    def _note(self, process):
        """Remember what this lane runs, to stop it when the others are stopped."""
        with self._changing:
            self._running[threading.get_ident()] = process
            late = self._stopped
        if late:
            process.stop()
