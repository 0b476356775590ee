"""What a plan's own numbers say of the requests and events that will come at 100 %.

A plan says how fast collections grow, not through which endpoint. A collection is taken to be fed by the one endpoint
whose path ends in its name, or in its flow's: each new document is a request at least. What `expected` says comes
first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from sessions.plan.model import Collection, Journey, Plan

_MAKING = ("POST", "PUT")
"""The methods that make something new, the usual one first."""
_PLACEHOLDER = re.compile(r"[{}<>:*$]|^\d+$")


class Promise(Struct, frozen=True):
    """So many an hour at 100 %, and which collections' growth says so; none where the plan itself does."""

    per_hour: float
    grows: tuple[str, ...] = ()


def promises(plan: Plan) -> Mapping[str, Promise]:
    """Return what is promised of each endpoint and each journey; what nothing is known of is absent.

    A journey has as many events as its endpoints have requests, unless the plan says otherwise.
    """
    said = {item.of: Promise(item.per_hour) for item in plan.expected}
    endpoints = {**_grown(plan), **{name: one for name, one in said.items() if name in plan.endpoints}}
    events = ((one.id, said.get(one.id) or _together(one, endpoints)) for one in plan.journeys)
    return {**endpoints, **{name: one for name, one in events if one is not None}}


def silent_of(plan: Plan) -> tuple[str, ...]:
    """Return the endpoints and journeys of whose traffic the plan says nothing."""
    known = promises(plan)
    every = (*plan.endpoints, *(journey.id for journey in plan.journeys))
    return tuple(name for name in dict.fromkeys(every) if name not in known)


def feeds(plan: Plan, collection: Collection) -> str:
    """Return the one endpoint that makes the collection's documents by its name; empty where none or several could."""
    for name in filter(None, (collection.name, collection.flow)):
        for method in _MAKING:
            found = [one for one in plan.endpoints if _named(one, method, name)]
            if found:
                return found[0] if len(found) == 1 else ""
    return ""


def _grown(plan: Plan) -> Mapping[str, Promise]:
    """Two collections that one endpoint feeds may grow by the same requests: the faster of them says how many."""
    found: dict[str, Promise] = {}
    for collection in plan.collections:
        endpoint = feeds(plan, collection)
        if endpoint and collection.per_hour > 0:
            known = found.get(endpoint, Promise(0.0))
            names = (*known.grows, collection.name)
            found[endpoint] = Promise(max(known.per_hour, collection.per_hour), names)
    return found


def _together(journey: Journey, endpoints: Mapping[str, Promise]) -> Promise | None:
    parts = [endpoints.get(name) for name in dict.fromkeys(journey.endpoints)]
    known = [part for part in parts if part is not None]
    if not parts or len(known) < len(parts):
        return None
    return Promise(sum(part.per_hour for part in known), tuple(dict.fromkeys(_all(part.grows for part in known))))


def _all(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in rows:
        yield from row


def _named(endpoint: str, method: str, name: str) -> bool:
    """Whether an endpoint of that method ends in the name, however it is spelt: `POST /v1/stylist/tickets`."""
    verb, _, path = endpoint.partition(" ")
    wanted = _plain(name)
    if verb.upper() != method or not wanted:
        return False
    parts = [part for part in path.split("/") if part and not _PLACEHOLDER.search(part)]
    return any(_plain("".join(parts[start:])) == wanted for start in range(len(parts)))


def _plain(name: str) -> str:
    """Return a name without case, signs and the plural's end."""
    return re.sub(r"[\W_]", "", name).casefold().removesuffix("s")
