"""What ./dev chaos throws at the bridge: faults, killed processes, hurried tills."""

import collections
import http.client
import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from .arena import wake
from .rpc import RpcError, Session
from .till import Till

#: (kind, probability for each call, options): about one call in six goes wrong.
RAIN = [
    ("refuse_before", 0.02, {}),
    ("drop_after", 0.025, {}),
    ("delay", 0.004, {"seconds": 4, "when": "before"}),
    ("delay", 0.004, {"seconds": 4, "when": "after"}),
    ("status_before", 0.02, {"status": 503, "html": True}),
    ("status_after", 0.02, {"status": 500}),
    ("html", 0.015, {}),
    ("truncated", 0.02, {}),
    ("rate_limit", 0.01, {"retry_after": 1}),
    ("garbage", 0.01, {"body": "<html>Bejelentkezés</html>"}),
    ("down", 0.01, {"service": "szamlazz"}),
    ("mail_failed", 0.02, {"service": "szamlazz"}),
    ("slow_pdf", 0.02, {}),
]
#: Reasons for which a document may end in front of a human in such weather.
EXPLAINED = {"too_many_sends"}

GOODS = ["Női hajvágás", "Férfi hajvágás", "Hajfestés", "Manikűr", "Sampon, 250 ml"]


def let_it_rain(control, seed):
    """Let every fault wait, to fire at random for as long as the chaos lasts."""
    for number, (kind, probability, options) in enumerate(RAIN):
        control.fault(
            kind,
            probability=probability,
            seed=seed * 1000 + number,
            times=None,
            **options,
        )


class Seller:
    """A till that does not give up: it sends an order until it has an answer.

    :param scene: what :func:`devtools.arena.prepare_two_shops` returned for its shop
    :param seed: of what it sells
    """

    def __init__(self, server, scene, seed):
        self.server, self.scene = server, scene
        self.chance = random.Random(seed)
        self.till = self._until_it_works(self._log_in)

    def sell(self, count):
        """Sell ``count`` times."""
        for _sale in range(count):
            self._sell_once()
            time.sleep(self.chance.uniform(0, 0.1))

    def _log_in(self):
        session = Session(
            self.server.url, self.server.database, "receptionist", "receptionist"
        )
        return Till(session, self.scene)

    def _sell_once(self):
        chance = self.chance
        lines = [
            (name, chance.randint(1, 3), chance.choice([0, 0, 0, 10, 15]))
            for name in chance.sample(GOODS, chance.randint(1, 4))
        ]
        # Not the one whose invoice needs a person, whatever the weather.
        known = self.scene["customers"]
        customers = [False, False, known["person"], known["company"]]
        order = self.till.order(
            lines,
            customer=chance.choice(customers),
            tip=chance.choice([0, 0, 0, 500, 1000]),
        )
        if chance.random() < 0.4:
            cash = round(order["amount_total"] * chance.random())
            card = order["amount_total"] - cash
            payments = {"cash": cash, "card": card}
            order["payment_ids"] = [
                (0, 0, self.till._payment(kind, amount, order["date_order"]))
                for kind, amount in payments.items()
                if amount
            ]
        self._until_it_works(lambda: self.till.sync([order]))
        if chance.random() < 0.1:
            # The answer never reached the till: it sends the order again.
            self._until_it_works(lambda: self.till.sync([order]))

    def _until_it_works(self, act):
        for _try in range(300):
            try:
                return act()
            except (OSError, http.client.HTTPException, RpcError) as error:
                last = error
                time.sleep(0.5)
        raise last


class Killer:
    """Kills what belongs to the server under trial, spread over the sales.

    :param int kills: how many in all
    """

    def __init__(self, server, databases, chance, kills):
        self.server, self.databases, self.chance = server, databases, chance
        self.kills = kills
        self.killed = collections.Counter()
        self._over = threading.Event()

    def stop(self):
        """Wake no more."""
        self._over.set()

    def run(self, over):
        """Kill now and then until ``over()``, and until all kills are spent.

        Where the tills were quicker, the lanes are still at work.
        """
        while self.kills or not over():
            time.sleep(self.chance.uniform(0.5, 4))
            if not self.kills:
                continue
            # Now and then everything at once; else a worker, cron or HTTP.
            act = self.chance.choices(
                [self._kill_worker, self._cut_connections, self._kill_server],
                [8, 2, 1],
            )[0]
            before = self.killed.total()
            act()
            self.kills -= self.killed.total() - before

    def wake(self):
        """Have the cron workers look for work often, which they do once a minute."""
        while not self._over.wait(0.5):
            wake(self.databases, self.server.database)

    def _kill_worker(self):
        workers = children(self.server.child.pid)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(workers), signal.SIGKILL)
                self.killed["worker"] += 1

    def _cut_connections(self):
        self.databases.server.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self.server.database}'"
        )
        self.killed["connections"] += 1

    def _kill_server(self):
        self.server.kill()
        self.server.start()
        self.killed["server"] += 1


def children(pid):
    """Return the ids of the processes that ``pid`` has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            fields = status.read_text().rpartition(")")[2].split()
            if fields[0] != "Z" and int(fields[1]) == pid:
                found.append(int(status.parent.name))
    return sorted(found)
