"""The one shape of what a benchmark measures: a figure.

A figure is a dict that goes into a JSON as it is:

what       the thing that was measured
unit       of the value, such as ``SQL`` or ``x`` for a ratio
value      the median of the samples, or another statistic that ``what`` names; None if
           it could not be measured, and then ``note`` says why
low, high  the middle half of the samples, None where there are too few
samples    how many
compared   with what, where the value is a ratio or a difference
note       what a reader must know beside it
plan       lines of PostgreSQL's plan
aim, met   what is wanted, whether it is so, and if not, why: see :mod:`devtools.aims`,
reason     which fills them in
"""

import statistics

KEYS = (
    "what",
    "unit",
    "value",
    "low",
    "high",
    "samples",
    "compared",
    "note",
    "plan",
    "aim",
    "met",
    "reason",
)
#: Fewer samples have no middle half.
ENOUGH = 4


def figure(what, samples, unit, *, compared="", value=None, note="", plan=()):
    """Return the figure of samples.

    :param samples: numbers; their median is the value unless another is given
    :raises ValueError: when there are no samples
    """
    samples = sorted(samples)
    if not samples:
        raise ValueError(f"{what} ({unit}) has no samples")
    low = high = None
    if len(samples) >= ENOUGH:
        low, _middle, high = statistics.quantiles(samples, n=4)
    return {
        "what": what,
        "unit": unit,
        "value": statistics.median(samples) if value is None else value,
        "low": low,
        "high": high,
        "samples": len(samples),
        "compared": compared,
        "note": note,
        "plan": list(plan),
        "aim": "",
        "met": None,
        "reason": "",
    }


def unavailable(what, unit, why):
    """Return the figure of what could not be measured."""
    return {**figure(what, [0], unit, note=why), "value": None, "samples": 0}


def counted(what, samples, units, *, compared="", note=""):
    """Return a figure for each count of a :class:`devtools.meter.Meter`.

    :param samples: dicts of counts
    :param dict units: by the name of a count; others are left out
    """
    return [
        figure(
            what,
            [sample[name] for sample in samples],
            unit,
            compared=compared,
            note=note,
        )
        for name, unit in units.items()
        if name in samples[0]
    ]


def check(row):
    """Return a figure that a measurement gave, if it has the shape.

    :raises ValueError: else
    """
    if not isinstance(row, dict) or tuple(row) != KEYS:
        raise ValueError(f"not a figure: {row!r:.200}")
    return row
