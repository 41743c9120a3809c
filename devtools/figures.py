"""Rows of a benchmark's report."""

import statistics


def figure(what, samples, aim, value=None, **more):
    """Return a row of the report.

    :param samples: numbers; their median is the value unless another is given
    :param str aim: such as ``<= 1.04``
    """
    samples = sorted(samples)
    low = high = None
    if len(samples) > 3:
        low, _middle, high = statistics.quantiles(samples, n=4)
    return {
        "what": what,
        "value": statistics.median(samples) if value is None else value,
        "low": low,
        "high": high,
        "samples": len(samples),
        "aim": aim,
        **more,
    }
