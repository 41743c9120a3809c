"""The control API: accounts, faults, clock and ledger under ``/_sandbox``."""

import json

from werkzeug.wrappers import Response

from . import page

JSON = "application/json; charset=utf-8"


class Control:
    """Answers what is not asked of a service."""

    def __init__(self, world):
        self.world = world

    def handle(self, request):
        """Return the answer to a control request; errors are 400 and 404."""
        path = request.path.rstrip("/")
        try:
            if path == "" and request.method == "GET":
                return Response(page.render(self.world), content_type="text/html")
            route = {
                ("GET", "/_sandbox/ledger"): self._ledger,
                ("GET", "/_sandbox/accounts"): self._accounts,
                ("POST", "/_sandbox/accounts"): self._create_account,
                ("GET", "/_sandbox/faults"): self._faults,
                ("POST", "/_sandbox/faults"): self._add_fault,
                ("DELETE", "/_sandbox/faults"): self._clear_faults,
                ("GET", "/_sandbox/clock"): self._clock,
                ("POST", "/_sandbox/clock"): self._advance_clock,
                ("POST", "/_sandbox/reset"): self._reset,
            }.get((request.method, path))
            if route:
                return _json(route(request))
            if request.method == "PATCH" and path.startswith("/_sandbox/accounts/"):
                service, _, key = path[len("/_sandbox/accounts/") :].partition("/")
                emulator = self.world.emulator(service)
                return _json(emulator.change_account(key, _body(request)))
        except LookupError as error:
            return _json({"error": str(error)}, 404)
        except (ValueError, TypeError) as error:
            return _json({"error": str(error)}, 400)
        return _json({"error": f"There is no {request.method} {request.path}"}, 404)

    def _ledger(self, request):
        names = ("service", "account", "external_key")
        return self.world.ledger(**{name: request.args.get(name) for name in names})

    def _accounts(self, _request):
        return [
            {"service": emulator.service, **emulator.public_account(account)}
            for emulator in self.world.emulators
            for account in emulator.state["accounts"].values()
        ]

    def _create_account(self, request):
        spec = _body(request)
        emulator = self.world.emulator(spec.pop("service", None))
        return {"service": emulator.service, **emulator.create_account(spec)}

    def _faults(self, _request):
        return self.world.faults.report()

    def _add_fault(self, request):
        return self.world.faults.add(_body(request))

    def _clear_faults(self, _request):
        self.world.faults.clear()
        return self.world.faults.report()

    def _clock(self, _request):
        return {"now": self.world.now(), "offset": self.world.clock_offset}

    def _advance_clock(self, request):
        self.world.clock_offset += float(_body(request)["advance"])
        return self._clock(request)

    def _reset(self, _request):
        self.world.reset()
        return {}


def _body(request):
    data = json.loads(request.get_data() or b"{}")
    if not isinstance(data, dict):
        raise ValueError("The body must be a JSON object")
    return data


def _json(data, status=200):
    return Response(json.dumps(data, ensure_ascii=False), status, content_type=JSON)
