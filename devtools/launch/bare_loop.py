"""Posts bodies one after the other, and prints how many a second.

    python bare_loop.py URL KEY FILE

FILE holds a JSON list of bodies. This is what a lane is compared with: a program of
its own, because ./dev itself needs no packages.
"""

import json
import sys
import time
from pathlib import Path

import requests


def main(url, key, file):
    """Post all bodies over one connection."""
    bodies = json.loads(Path(file).read_text())
    headers = {"X-API-KEY": key, "Content-Type": "application/json"}
    session = requests.Session()
    start = time.perf_counter()
    for body in bodies:
        session.post(url, data=body.encode(), headers=headers, timeout=60)
    print(len(bodies) / (time.perf_counter() - start))


if __name__ == "__main__":
    main(*sys.argv[1:])
