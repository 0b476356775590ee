"""The demo's flagd file: what it says at first, and how the service reads what was made of it."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.values.percent import DECIMALS, Percent, exact_percent, weights_of

SLA_MESSAGE = "sla-message"
CAP_ESCALATIONS = "cap-escalations"
STUB_FALLBACK = "stub-fallback"


class Flags(Struct, frozen=True):
    """What the flag file says: the share of shoppers in % (0..100), and the switches that are on."""

    percent: Percent = 0
    switches: frozenset[str] = frozenset()


def first_text(plan: Plan) -> str:
    """Return the file of a service that was never rolled out: the plan's flag at 0 %, every switch off.

    A flag that is none of ours stands in it too, as in any real file.
    """
    steps = [step for risk in plan.risks for step in risk.steps if step.effect == "switch"]
    names = [flow.flag for flow in plan.flows] + [target for step in steps for target in step.targets]
    names += [STUB_FALLBACK, SLA_MESSAGE, CAP_ESCALATIONS]
    flags = {plan.flag: _rollout()} | {name: _boolean("off") for name in names}
    flags["holiday-banner"] = _boolean("on")
    return json.dumps({"$schema": "https://flagd.dev/schema/v0/flags.json", "flags": flags}, indent=2) + "\n"


def _boolean(variant: str) -> dict[str, object]:
    return {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": variant}


def _rollout() -> dict[str, object]:
    bucket = {"cat": [{"var": "$flagd.flagKey"}, {"var": "targetingKey"}]}
    return _boolean("off") | {"targeting": {"fractional": [bucket, ["on", 0], ["off", 100]]}}


def flags_from(text: str, name: str) -> Flags:
    """Read flagd JSON for the rollout flag `name`. Raises ValueError if it says nothing usable."""
    document = json.loads(text)
    flags = document.get("flags") if isinstance(document, Mapping) else None
    known = {key: flag for key, flag in flags.items() if isinstance(flag, Mapping)} if flags else {}
    if name not in known:
        raise ValueError(f"no flag {name}")
    on = (key for key, flag in known.items() if key != name and _is_on(flag))
    return Flags(_percent(known[name]), frozenset(on))


def with_percent(text: str, name: str, percent: Percent) -> str:
    """Return the file with another share for the flag `name`, the rest unchanged. Raises ValueError if it has none.

    Raises KeyError, TypeError and the like where the file says nothing usable.
    """
    document = json.loads(text)
    rule = _rule(document["flags"][name]["targeting"])
    weights = dict(zip(("on", "off"), weights_of(percent), strict=True))
    if rule is None:
        raise ValueError(f"no share in flag {name}")
    rule[:] = [[pair[0], weights.get(pair[0], 0)] if isinstance(pair, list) else pair for pair in rule]
    return json.dumps(document, indent=2) + "\n"


def _is_on(flag: Mapping[str, object]) -> bool:
    variants, chosen = flag.get("variants"), flag.get("defaultVariant")
    return flag.get("state") == "ENABLED" and isinstance(variants, Mapping) and variants.get(chosen) is True


def _percent(flag: Mapping[str, object]) -> Percent:
    """Return the weight of `on` among all weights in %; a disabled flag exposes nobody."""
    if flag.get("state") != "ENABLED":
        return 0
    weights = dict(_weights(flag.get("targeting")))
    total = sum(weights.values())
    return (exact_percent(round(100 * weights.get("on", 0) / total, DECIMALS)) or 0) if total else 0


def _weights(targeting: object) -> list[tuple[str, float]]:
    """Return the variants and weights of the `fractional` rule."""
    return [(pair[0], float(pair[1])) for pair in _rule(targeting) or () if isinstance(pair, list)]


def _rule(targeting: object) -> list[Any] | None:
    """Find the `fractional` rule, however deep it stands."""
    if isinstance(targeting, Mapping):
        rule = targeting.get("fractional")
        if isinstance(rule, list):
            return rule
        targeting = list(targeting.values())
    if not isinstance(targeting, list):
        return None
    return next((rule for part in targeting if (rule := _rule(part)) is not None), None)


class FlagFile:
    """The file on disk, read again when it was written again."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._mark: tuple[int, int, int] | None = None
        self._flags = Flags()

    def read(self) -> Flags:
        """Return what the file says; its last readable content if it is missing or unreadable."""
        try:
            stat = self._path.stat()
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if mark != self._mark:
                self._flags = flags_from(self._path.read_text("utf-8"), self._name)
                self._mark = mark
        except (OSError, ValueError, TypeError, AttributeError, IndexError):
            return self._flags
        return self._flags


class OtherHand:
    """It writes the file whole or not at all, and takes back only what it wrote itself."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._found: Percent | None = None
        self._wrote: Percent | None = None

    def turn(self, wanted: Percent | None) -> None:
        """Set the share to `wanted` %, once; with None set back what was found. A file in the way is left alone."""
        if (wanted is None) is (self._wrote is None):
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, IndexError):
            text = self._path.read_text("utf-8")
            reads = flags_from(text, self._name).percent
            if wanted is not None:
                self._write(text, wanted)
                self._found = reads
            elif self._found is not None and reads == self._wrote:
                self._write(text, self._found)
            self._wrote = wanted

    def _write(self, text: str, percent: Percent) -> None:
        fresh = self._path.with_suffix(".other")
        fresh.write_text(with_percent(text, self._name, percent), "utf-8")
        fresh.replace(self._path)


class Leg(Struct, frozen=True):
    """A stretch at one percentage; the last one goes on."""

    percent: Percent
    began: float
    ended: float | None = None


class WatchSummary(Struct, frozen=True):
    """A stretch during which one switch was on; `ended` is None while it is."""

    switch: str
    began: float
    ended: float | None = None


class Course(Struct, frozen=True):
    """Every leg and every spell, oldest first."""

    legs: tuple[Leg, ...] = (Leg(0, 0.0),)
    spells: tuple[WatchSummary, ...] = ()

    @property
    def percent(self) -> Percent:
        """The share of shoppers now, in %."""
        return self.legs[-1].percent

    @property
    def switches(self) -> frozenset[str]:
        """The switches that are on now."""
        return frozenset(summary.switch for summary in self.spells if summary.ended is None)


def follow(course: Course, flags: Flags, now: float) -> Course:
    """Return the course after the flag file said `flags` at `now`; the same course where nothing changed."""
    if flags.percent != course.percent:
        last = replace(course.legs[-1], ended=now)
        course = replace(course, legs=(*course.legs[:-1], last, Leg(flags.percent, now)))
    if flags.switches != course.switches:
        course = replace(course, spells=_spells(course.spells, flags.switches, now))
    return course


def _spells(spells: Iterable[WatchSummary], on: frozenset[str], now: float) -> tuple[WatchSummary, ...]:
    closed = [
        replace(summary, ended=now) if summary.ended is None and summary.switch not in on else summary
        for summary in spells
    ]
    running = {summary.switch for summary in closed if summary.ended is None}
    return (*closed, *(WatchSummary(switch, now) for switch in sorted(on - running)))


def struck(course: Course, percent: Percent, delay: float, now: float) -> float | None:
    """Return the moment at which the first leg at `percent` or more had lasted `delay`; None if it never did."""
    leg = next((leg for leg in course.legs if leg.percent >= percent), None)
    if leg is None or (now if leg.ended is None else leg.ended) < leg.began + delay:
        return None
    return leg.began + delay


def lasting(course: Course, percent: Percent, delay: float, span: float, now: float) -> bool:
    """Say whether what strikes `delay` into the first leg at `percent` or more, for `span`, goes on at `now`."""
    since = struck(course, percent, delay, now)
    return since is not None and now < since + span


def fell(course: Course, since: float) -> bool:
    """Say whether the flag went down after `since`."""
    later = [leg for leg in course.legs if leg.ended is None or leg.ended > since]
    return any(after.percent < before.percent for before, after in pairwise(later))


def rested(course: Course, switch: str, span: float, since: float, now: float) -> bool:
    """Say whether `switch` was on for `span` at a stretch, counted from `since`."""
    return any(
        (now if summary.ended is None else summary.ended) - max(summary.began, since) >= span
        for summary in course.spells
        if summary.switch == switch
    )
