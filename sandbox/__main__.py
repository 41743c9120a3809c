"""``python -m sandbox``: the emulators on a port of this machine."""

import argparse
import signal
import sys

from .faults import SERVICE, TRANSPORT
from .server import Server
from .world import World

_CONTROL = """\
addresses
  /billingo/v3   Billingo API v3
                   key: demo-billingo-key
  /billingo/v2   Billingo API v2 (legacy)
                   public key: demo-billingo-v2-public-key
                   private key: demo-billingo-v2-private-key-0123456789
  /szamla/       Számlázz.hu Számla Agent
                   key: demoszamlazzagentkey0000000000000000000000
  /              a page that shows documents, e-mails and calls

control (JSON)
  GET    /_sandbox/ledger    documents, mails, calls; ?service=&account=&external_key=
  GET    /_sandbox/accounts  all accounts and their options
  POST   /_sandbox/accounts  {"service": "billingo", ...options}: a new account
  PATCH  /_sandbox/accounts/{service}/{key}   change options: {"revoked": true}
  POST   /_sandbox/faults    {"kind": ..., "service", "account", "method",
                              "path" (regex), "times" (1; null = always),
                              "probability", "seed", ...}
  GET    /_sandbox/faults    what waits, and what has fired how often
  DELETE /_sandbox/faults    take them all back
  POST   /_sandbox/clock     {"advance": seconds}: let time pass
  POST   /_sandbox/reset     forget everything but the demo accounts

faults
"""


def main(argv=None):
    """Serve until interrupted.  Returns the exit status."""
    kinds = "\n".join(f"  {k:<14} {v}" for k, v in (TRANSPORT | SERVICE).items())
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Local emulators of Hungarian invoicing services.",
        epilog=_CONTROL + kinds,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8090, help="0 for any free one")
    parser.add_argument("--state", default="", help="keep accounts and documents here")
    parser.add_argument(
        "--latency",
        type=float,
        default=0,
        help="milliseconds that each call takes longer",
    )
    parser.add_argument(
        "--limits",
        type=float,
        default=0,
        help="refuse more than so many times the calls that the real services allow "
        "(1: as they do)",
    )
    options = parser.parse_args(argv)
    try:
        world = World(options.state, options.latency / 1000, options.limits)
        server = Server(world, options.port)
    except (OSError, ValueError, KeyError) as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"Sandbox on {server.url} (page and ledger: {server.url}/)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
