"""Everything that the sandbox knows, and how a call passes through it."""

import json
import os
import threading
import time
from collections import deque

from . import faults
from .control import Control
from .services import emulators

#: Calls are remembered up to this many; documents are never forgotten.
MAX_CALLS = 50_000


class World:
    """The services, their accounts, the faults and the ledger.

    :param str state_file: where accounts and documents outlive a restart, or ""
    :param float latency: seconds that every call to a service takes longer
    :param float limits: how many times the calls that the real services allow; 0: any
        number, unless an account's ``rate_limit`` says otherwise
    :param clock: returns the Unix time from which the sandbox's own is counted
    """

    def __init__(self, state_file="", latency=0.0, limits=0.0, clock=time.time):
        self.clock = clock
        self.state_file = state_file
        self.latency = latency
        self.limits = limits
        self.lock = threading.RLock()
        self.faults = faults.Faults()
        self.calls = deque(maxlen=MAX_CALLS)
        self.clock_offset = 0.0
        self.emulators = [emulator(self) for emulator in emulators()]
        self.control = Control(self)
        self._saved = None
        if state_file and os.path.exists(state_file):
            self._load()

    def now(self):
        """Seconds since the epoch, by the clock of the sandbox."""
        return self.clock() + self.clock_offset

    def set_clock(self, moment):
        """Make it ``moment`` (seconds since the epoch) in the sandbox."""
        self.clock_offset = moment - self.clock()

    def emulator(self, service):
        """Return the emulator of ``service``.

        :raises LookupError: if there is none
        """
        for emulator in self.emulators:
            if emulator.service == service:
                return emulator
        names = [emulator.service for emulator in self.emulators]
        raise LookupError(f"service is one of {names}")

    def reset(self):
        """Forget everything but the demo accounts."""
        with self.lock:
            self.faults.clear()
            self.calls.clear()
            self.clock_offset = 0.0
            for emulator in self.emulators:
                emulator.reset()
            self.save()

    def answer(self, request):
        """Answer a request: ``(response, cut)``; see :func:`.faults.after`.

        :raises Dropped: if the connection is to be reset instead
        """
        for emulator in self.emulators:
            if request.path.startswith(emulator.prefixes):
                return self._call(emulator, request)
        with self.lock:
            response = self.control.handle(request)
            if request.method != "GET":
                self.save()
        return response, False

    def _call(self, emulator, request):
        # Noted before the clock starts: a call never seems to end later than it did.
        call = {"at": self.now(), "service": emulator.service, "status": None}
        started = time.monotonic()
        with self.lock:
            account, operation = emulator.identify(request)
            fault = self.faults.draw(
                emulator.service, account, request.method, (request.path, operation)
            )
        call.update(
            account=account["id"] if account else None,
            method=request.method,
            path=request.full_path.rstrip("?"),
            operation=operation,
            fault=fault["kind"] if fault else None,
        )
        try:
            response, cut = self._act(emulator, request, fault)
            call["status"] = None if cut else response.status_code
            return response, cut
        finally:
            call["seconds"] = round(time.monotonic() - started, 4)
            self.calls.append(call)

    def _act(self, emulator, request, fault):
        if self.latency:
            time.sleep(self.latency)
        if fault and fault["kind"] in faults.SERVICE:
            request.fault = fault
        elif fault:
            response = faults.before(fault, emulator)
            if response is not None:
                return response, False
        with self.lock:
            response = emulator.handle(request)
            self.save()
        if fault:
            return faults.after(fault, emulator, response)
        return response, False

    # === LEDGER === #

    def ledger(self, service=None, account=None, external_key=None):
        """Return documents, e-mails and calls, each a list of dicts."""
        wanted = {"service": service, "account": account, "external_key": external_key}
        wanted = {name: value for name, value in wanted.items() if value}

        def select(entries):
            return [
                entry
                for entry in entries
                if all(
                    entry.get(name) == value
                    for name, value in wanted.items()
                    if name in entry
                )
            ]

        with self.lock:
            return {
                "documents": select(
                    entry
                    for emulator in self.emulators
                    for entry in emulator.documents()
                ),
                "mails": select(
                    mail
                    for emulator in self.emulators
                    for mail in emulator.state["mails"]
                ),
                "calls": select(self.calls),
            }

    # === STATE FILE === #

    def save(self):
        """Write the state file if anything changed since it was last written."""
        if not self.state_file:
            return
        data = json.dumps(
            {
                "clock_offset": self.clock_offset,
                "services": {
                    emulator.service: emulator.state for emulator in self.emulators
                },
            },
            ensure_ascii=False,
        )
        if data == self._saved:
            return
        temporary = f"{self.state_file}.new"
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(data)
        os.replace(temporary, self.state_file)
        self._saved = data

    def _load(self):
        with open(self.state_file, encoding="utf-8") as file:
            data = json.load(file)
        self.clock_offset = data["clock_offset"]
        for emulator in self.emulators:
            if emulator.service in data["services"]:
                emulator.state.clear()
                emulator.state.update(data["services"][emulator.service])
