"""The topics that are one object: the support queue, capsules, returns, CSAT, exposure."""

from collections.abc import Callable, Mapping

from cockpit.sources.json.parts import Parts, UnreadableError
from cockpit.sources.json.rows import Asking
from sessions.values import readings as r

_TITLES = 5


def queue(parts: Parts, asking: Asking) -> r.Tickets:
    """Read the support queue; all but `open` may be absent."""
    return r.Tickets(
        asking.source,
        asking.now,
        parts.whole("open"),
        parts.past("oldest") if parts.has("oldest") else None,
        parts.counts("priorities", needed=False),
        parts.whole("escalated", 0),
        parts.texts("titles", _TITLES),
    )


def capsules(parts: Parts, asking: Asking) -> r.Capsules:
    """Read the capsules; `next_expiry` may be absent."""
    counts = (parts.whole("held"), parts.whole("expiring"), parts.whole("expired"))
    following = parts.moment("next_expiry") if parts.has("next_expiry") else None
    return r.Capsules(asking.source, asking.now, *counts, following)


def returns(parts: Parts, asking: Asking) -> r.Returns:
    """Read the returns."""
    statuses = parts.counts("statuses", needed=True)
    return r.Returns(asking.source, asking.now, statuses, parts.whole("open"), parts.whole("stuck"))


def csat(parts: Parts, asking: Asking) -> r.Csat:
    """Read the CSAT answers of the plan's span and how many of them are low."""
    answers, low = parts.whole("answers"), parts.whole("low")
    if low > answers:
        raise UnreadableError(f"low is {low} of {answers} answers")
    return r.Csat(asking.source, asking.now, answers, low)


def exposure(parts: Parts, asking: Asking) -> r.Exposure:
    """Read users and how many of them have the flag; `since` is the start that was asked for where it is absent."""
    users, exposed = parts.whole("users"), parts.whole("exposed")
    if exposed > users:
        raise UnreadableError(f"exposed is {exposed} of {users} users")
    newest = parts.past("newest") if parts.has("newest") else None
    since = parts.past("since") if parts.has("since") else asking.window[0] if asking.window else None
    if since is None:
        raise UnreadableError("since is missing, and the question names no {start}")
    return r.Exposure(asking.source, asking.now, since, users, exposed, newest)


Whole = Callable[[Parts, Asking], r.Reading]

WHOLES: Mapping[str, Whole] = {
    "queue": queue,
    "capsules": capsules,
    "returns": returns,
    "csat": csat,
    "exposure": exposure,
}
