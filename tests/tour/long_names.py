"""The fullest state again, of a service whose endpoints, journeys and collections have long names."""

from msgspec.structs import replace

from sessions.values import readings as r
from tests.support.screen.grown_flight import NOW
from tests.tour.states import PLAN, Kept, fuse

NAMES = {
    "GET /concierge": "GET /api/v2/concierge/{conciergeId}/recommendations",
    "POST /capsules": "POST /api/v2/capsules/{capsuleId}/stylist-notes",
    "POST /returns": "DELETE /api/v2/returns/{returnId}/collection-points",
    "capsule_created": "capsule_created_for_a_shopper",
    "shortlists": "shortlists_of_stylists_archived",
}
PLAN_OF_THEM = replace(
    PLAN,
    endpoints=tuple(NAMES.get(name, name) for name in PLAN.endpoints),
    journeys=tuple(
        replace(one, id=NAMES.get(one.id, one.id), endpoints=tuple(NAMES.get(name, name) for name in one.endpoints))
        for one in PLAN.journeys
    ),
    collections=tuple(replace(one, name=NAMES.get(one.name, one.name)) for one in PLAN.collections),
)


class Long(Kept):
    """A flight in which everything has its long name."""

    def __init__(self) -> None:
        super().__init__()
        self.state = replace(self.state, plan=PLAN_OF_THEM)

    def saw(self, *readings: r.Reading) -> "Long":
        super().saw(*map(_named, readings))
        return self

    def wrote(self, at, kind, text, **facts) -> "Long":
        if "collections" in facts:
            facts["collections"] = tuple(NAMES.get(name, name) for name in facts["collections"])
        super().wrote(at, kind, _told(text), **facts)
        return self


def long() -> Long:
    """All six risks act, and the fuse says in full what is to be done, as a real one does."""
    flight = Long()
    fuse(flight)
    deadline = flight.state.fuses["latency_spike"].deadline
    said = "POST /capsules 1812 ms > 500 ms: resolve within 15m00s or revert"
    flight.wrote(NOW, "fuse.lit", said, risk="latency_spike", deadline=deadline, evidence=())
    note = "Called the platform team: the index on capsules.lookId is missing since 4f1c2a9, they add it at 14:30"
    flight.wrote(NOW, "note.written", note, by="owner")
    return flight


def _named(reading: r.Reading) -> r.Reading:
    for field in ("endpoint", "journey", "collection"):
        name = getattr(reading, field, None)
        if name in NAMES:
            reading = replace(reading, **{field: NAMES[name]})
    return reading


def _told(text: str) -> str:
    return next((text.replace(name, full) for name, full in NAMES.items() if " /" in name and name in text), text)
