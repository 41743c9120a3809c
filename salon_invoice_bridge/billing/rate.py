"""How fast a service may be called, and whose turn it is.

A bucket holds as many tokens as calls may be made at once, and fills at an even rate.
What it can give within any minute (or whatever a service counts over) is its size and
what flows in meanwhile: the parts of :data:`SHARES` together stay below the limit, by
what one operation of several calls may overdraw. So nothing is refused where nothing
else uses the key. Where something does, the service says so (429), and half of the rate
is left to it for a minute.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Purpose -> how much its bucket holds, and how much flows in while the service counts
#: once, as parts of the service's limit.
SHARES = {"lane": (0.05, 0.8), "people": (0.05, 0.05)}
#: Seconds for which a service that has refused a call gets half of the calls, and the
#: part that it gets.
SLOW_SECONDS, SLOW = 60, 0.5
#: Seconds in which the customer of a sale is still there: it goes before the backlog.
#: Thereafter all go in the order in which they were sold.
WAITED_FOR_SECONDS = 120


@dataclass(frozen=True)
class Limit:
    """What a service allows one key: so many calls in any such span of seconds."""

    calls: float
    seconds: float = 60.0
    documents_only: bool = False  # other calls are free

    def flow(self, purpose):
        """Return the :class:`Flow` of the bucket for ``purpose``, None if it is free.

        People only ask.
        """
        if self.documents_only and purpose == "people":
            return None
        size, inflow = SHARES[purpose]
        return Flow(self.calls * size, self.calls * inflow / self.seconds)


@dataclass(frozen=True)
class Flow:
    """A bucket's size in tokens, and the tokens that flow in each second."""

    size: float
    rate: float


@dataclass(frozen=True)
class Level:
    """What was in a bucket, and when; until ``slow_until`` it fills more slowly."""

    tokens: float
    at: datetime
    slow_until: datetime | None = None


def tokens_at(flow, level, now):
    """Return the tokens in a bucket at ``now``, below 0 if it was overdrawn.

    A clock that was set back counts as time that has passed.
    """
    passed = abs((now - level.at).total_seconds())
    slow = min(_seconds_slow(level, level.at), passed)
    return min(flow.size, level.tokens + flow.rate * (passed - slow * (1 - SLOW)))


def seconds_until(flow, level, wanted, now):
    """Return the seconds until a bucket holds ``wanted`` tokens, at most its size."""
    missing = wanted - tokens_at(flow, level, now)
    if missing <= 0:
        return 0.0
    slow = _seconds_slow(level, now)
    meanwhile = slow * flow.rate * SLOW
    if missing <= meanwhile:
        return missing / (flow.rate * SLOW)
    return slow + (missing - meanwhile) / flow.rate


def after_refusal(flow, level, now):
    """Return the level once the service has refused a call as one too many.

    Whatever is left over has gone to somebody else.
    """
    tokens = min(tokens_at(flow, level, now), 0.0)
    later = now + timedelta(seconds=SLOW_SECONDS)
    return replace(level, tokens=tokens, at=now, slow_until=later)


def _seconds_slow(level, now):
    """Return the seconds that are left of the slow time; no clock makes them more."""
    if not level.slow_until:
        return 0.0
    return min(max((level.slow_until - now).total_seconds(), 0.0), SLOW_SECONDS)
