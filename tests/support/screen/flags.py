"""Sample flights of the flag: what it reads, what became of a move, who was seen to have it."""

from msgspec.structs import replace

from sessions.values import readings as r
from sessions.values.flag_value import FlagValue, Target
from tests.support.screen.grown_flight import ENTERED, Flight, ago, entered, mongo, started, traffic

HANDS = ("curl -X PATCH https://flags.example.org/api/strategies/1", "  -H 'Authorization: ${FLAG_TOKEN}'")


def quiet() -> Flight:
    return mongo(traffic(entered(started())))


def reading(flight, percent=25, *, at=None, source="flagd", ok=True, **facts):
    at = at or ago(seconds=8)
    told = {"by": "demo", "version": "3f2a1c9d", "changed_at": ENTERED, **facts}
    return flight.saw(
        r.Pulse(source, at, r.Topic.FLAG, ok, "" if ok else "refused", 2.0, at),
        FlagValue(source, at, percent, **told),
    )


def met(flight, users=812, exposed=203, *, at=None):
    flight.state = replace(flight.state, answers=("exposure",))
    at = at or ago(seconds=20)
    return flight.saw(
        r.Pulse("mongo", at, r.Topic.EXPOSURE, True, "", 3.0, at),
        r.Exposure("mongo", at, ago(hours=1), users, exposed, at),
    )


def moving(flight, percent, status="", **facts):
    """An intent, and what became of it."""
    flight.wrote(ago(seconds=6), "flag.intended", "intended", by="owner", intent="m", percent=percent, writer="flagd")
    if status:
        facts = {"intent": "m", "percent": percent, "reason": "no answer in 5 s", **facts}
        flight.wrote(ago(seconds=1), f"flag.{status}", f"flag move to {percent} % {status}", **facts)
    return flight


def calm():
    return met(reading(quiet()))


def mismatch():
    return met(reading(quiet()), 812, 333)


def drift():
    flight = met(reading(quiet(), 100, by="ann", changed_at=ago(minutes=60)))
    return flight.wrote(ago(seconds=5), "flag.drifted", "flag reads 100 %, expected 25 %", expected=25, seen=100)


def unknown():
    return moving(met(reading(quiet())), 50, "unknown")


def owed():
    return moving(met(reading(quiet())), 10, "refused", by_hand=HANDS)


def owed_unknown():
    return moving(met(reading(quiet())), 10, "unknown", by_hand=HANDS)


def mixed():
    places = (Target("eu", 25), Target("us", 10), Target("jp", None, "timed out"))
    return met(reading(quiet(), None, targets=places))


def unserved():
    flight = quiet().wrote(ago(minutes=2), "flag.confirmed", "confirmed", intent="b", percent=25, served=False)
    return met(reading(flight, switches=("stub-fallback", "sla-message")))


FLAGS = {
    "calm": calm,
    "mismatch": mismatch,
    "drift": drift,
    "unknown": unknown,
    "owed": owed,
    "owed_unknown": owed_unknown,
    "mixed": mixed,
    "unserved": unserved,
}
