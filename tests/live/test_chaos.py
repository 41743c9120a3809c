"""Everything breaks at once, and each sale still has one invoice: a short ./dev chaos.

The long one is for people: ``./dev chaos --orders 2000 --seed 7 --workers 4``.
"""

import argparse

import pytest

from devtools import chaos

pytestmark = pytest.mark.chaos


def test_sixty_sales_in_bad_weather_have_one_invoice_each(databases):
    options = argparse.Namespace(
        orders=60, seed=2, workers=2, cron=2, tills=4, kills=4, json=False
    )
    report = chaos.run(databases, options)
    assert sum(report["faults"].values()) > 10, "the weather was too fine to prove it"
    assert sum(report["killed"].values()) == 4
    assert report["kept"], report
