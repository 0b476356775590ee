"""What is to be said of the flag: what became of the newest move, what it reads, who has it, which switches are on."""

from msgspec import Struct

from sessions.state.pending import plan_switches, revert_owed, switched_on
from sessions.text.units import duration
from sessions.values.flag_value import FlagValue
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark
from widgets.base.styled import QUIET, Bit
from widgets.base.symbols import MARKS
from widgets.base.view import ASKING, View, dark, told


def recorded_only(view: View) -> bool:
    """Whether the flag is only written down: its back end is the session itself."""
    flag = view.state.seen.flag
    return flag is not None and flag.source == "session"


NONE, BETWEEN = "–", " · "
SEEN = " seen ("
_VERSION = 7

FINE, WRONG, WAITS, DARK = MARKS[Mark.PASS], MARKS[Mark.BREACH], MARKS[Mark.WARMING], MARKS[Mark.BLIND]
NEITHER = (" ", QUIET)


class Fact(Struct, frozen=True):
    """One thing known: its sign (a glyph and a style), its value, its words; `loud` are words for a whole line."""

    sign: Bit
    value: str
    text: str
    loud: str = ""


def reading(view: View) -> Fact:
    """Say what the flag reads, how old that is, who set it when, and its version."""
    seen, wrong = view.state.seen.flag, told(view, Topic.FLAG)
    if seen is None:
        return Fact(WAITS if wrong == ASKING else DARK, NONE, wrong)
    health = view.state.seen.health.get(Topic.FLAG)
    if dark(view, Topic.FLAG):
        return Fact(DARK, reads(seen), f"{wrong}: {health.reason}" if health and health.reason else wrong)
    if recorded_only(view):
        return Fact(NEITHER, reads(seen), "recorded only")
    return Fact(_agrees(view, seen), reads(seen), BETWEEN.join(_origin(view, seen)))


def reads(seen: FlagValue) -> str:
    """Return what a reading says, in one word."""
    return f"{seen.percent} %" if seen.percent is not None else "MIXED" if seen.targets else "none"


def _agrees(view: View, seen: FlagValue) -> Bit:
    state = view.state
    if seen.percent == state.phase or (state.phase == 0 and state.flag.status == "none" and not seen.percent):
        return FINE
    return WAITS if state.flag.status == "intended" else WRONG


def _origin(view: View, seen: FlagValue) -> list[str]:
    age = f"{duration(view.age(seen.at))} ago"
    changed = f" {view.time(seen.changed_at)}" if seen.changed_at else ""
    who = f"by {seen.by}{changed}" if seen.by else f"set{changed}" if changed else ""
    return [part for part in (f"{age:<7}", who, _version(seen)) if part]


def _version(seen: FlagValue) -> str:
    """Say a version that a person counts by; a checksum says nothing to one: the flag's card has it."""
    return f"version {seen.version}" if seen.version.isdecimal() and len(seen.version) <= _VERSION else ""


def targets(view: View) -> str:
    """Say what each of several places reads, empty where there are not several or all are the same."""
    seen = view.state.seen.flag
    if seen is None or (seen.percent is not None and not any(one.reason for one in seen.targets)):
        return ""
    each = [
        (one.name, f"{one.percent} %" if one.percent is not None else one.reason or "no flag") for one in seen.targets
    ]
    return BETWEEN.join(f"{name} {value}" for name, value in each)


def outcome(view: View) -> Fact:
    """Say what became of the newest move; what must not be overlooked is loud."""
    flag = view.state.flag
    at = f" {view.time(flag.at)}" if flag.at else ""
    if alarm := _alarm(view):
        return Fact(WRONG, NONE, "", alarm)
    if flag.status == "confirmed" and not flag.served:
        waited = f", {duration(view.age(flag.at))}" if flag.at else ""
        return Fact(WAITS, NONE, "", f"written, served value still old{waited}")
    known = {
        "confirmed": Fact(NEITHER if dark(view, Topic.FLAG) else FINE, f"{flag.percent} %", f"confirmed{at}"),
        "intended": Fact(WAITS, f"{flag.wanted} %", f"is being written{at}"),
        "refused": Fact(WRONG, f"{flag.wanted} %", f"refused{at}"),
        "drifted": Fact(WAITS, f"{view.state.phase} %", "reads right again"),
    }
    return known.get(flag.status, Fact(WAITS, NONE, "not moved yet"))


def _alarm(view: View) -> str:
    flag = view.state.flag
    if revert_owed(view.state):
        return f"REVERT NOT DONE · retry{', outcome unknown' if flag.status == 'unknown' else ''}"
    if flag.status == "unknown":
        return f"OUTCOME UNKNOWN, reading back ({flag.wanted} %)"
    return _drift(view)


def by_hand(view: View) -> tuple[str, ...]:
    """Return how to do by hand the revert that is not done."""
    return view.state.flag.by_hand if revert_owed(view.state) else ()


def _drift(view: View) -> str:
    """Say the expected and the read value; empty while a move is open or nothing fresh is known."""
    seen, flag = view.state.seen.flag, view.state.flag
    if seen is None or flag.status == "intended" or dark(view, Topic.FLAG) or _agrees(view, seen) == FINE:
        return ""
    who = f"by {seen.by}" if seen.by else ""
    when = view.time(seen.changed_at) if seen.changed_at else ""
    origin = ", ".join(part for part in (who, when) if part)
    return f"expected {view.state.phase} %, is {reads(seen)}{f' ({origin})' if origin else ''}"


def exposed(view: View) -> Fact:
    """Say which share of users was seen to have the flag; without a source for it nobody measures."""
    verdict = view.judgement.verdicts.get("exposure")
    if verdict is None:
        return Fact(NEITHER, NONE, "not measured")
    share, opening, interval = verdict.text.partition(SEEN)
    if not opening:
        return Fact(MARKS[verdict.mark], NONE, verdict.text)
    loud = verdict.text if verdict.mark is Mark.BREACH else ""
    return Fact(MARKS[verdict.mark], share.rpartition(", ")[2], interval.removesuffix(")"), loud)


def switches(view: View) -> Fact:
    """Say which switches are on; one that should be set and is not is loud."""
    seen, known = view.state.seen.flag, view.state.switches
    wrong, count = _wrong(view), len(plan_switches(view.plan))
    if wrong:
        return Fact(WRONG, NONE, "", f"switches: {', '.join(wrong)}")
    if seen is None or seen.switches is None:
        set_on = ", ".join(name for name, one in known.items() if one.on and one.set)
        return Fact(NEITHER, NONE, f"cannot be read{f', set on: {set_on}' if set_on else ''}")
    on = [name for name in seen.switches if name in plan_switches(view.plan)]
    text = f"on: {', '.join(on)}" if on else f"of {count} on"
    return Fact(DARK if dark(view, Topic.FLAG) else NEITHER, str(len(on)), text)


def _wrong(view: View) -> list[str]:
    """Every switch that is not as it was set, or could not be set as it should be."""
    seen, wanted, found = view.state.seen.flag, switched_on(view.state), list[str]()
    for name, one in view.state.switches.items():
        word, other = ("on", "off") if one.on else ("off", "on")
        if not one.set and one.on is (name in wanted):
            found.append(f"{name} NOT {word}{f', {one.reason}' if one.reason else ''}")
        elif one.set and seen is not None and seen.switches is not None and seen.at > one.at:
            found += [f"{name} reads {other}"] if (name in seen.switches) is not one.on else []
    return found
