"""What was steered: the flag, its switches, the flows."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.state.model import FlagState, Span, State, Switch, added
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import exact_percent


def _flag_turned(state: State, entry: Entry) -> State:
    """Only a confirmation moves the percentage; an intent stays open until it is confirmed or refused."""
    status, was = FlagStatus(entry.kind.removeprefix("flag.")), state.flag
    percent = exact_percent(entry.counted("percent")) or 0
    match status:
        case FlagStatus.INTENDED:
            flag = FlagState(status, was.percent, percent, entry.said("intent"), entry.text, entry.at)
        case FlagStatus.CONFIRMED:
            served = entry.facts.get("served", True) is True
            flag = FlagState(status, percent, percent, "", entry.text, entry.at, served=served)
        case _:
            intent = "" if status == FlagStatus.REFUSED else was.intent
            by_hand = entry.listed("by_hand") or was.by_hand
            flag = replace(was, status=status, intent=intent, text=entry.text, at=entry.at, by_hand=by_hand)
    return replace(state, flag=flag)


def _flag_unread(state: State, entry: Entry) -> State:
    """Where the flag stands is not known from when it was last read: a hole, until it is read again."""
    since = min(entry.dated("since") or entry.at, entry.at)
    return replace(state, unwatched={"flag": since, **state.unwatched})


def _flag_read(state: State, entry: Entry) -> State:
    """Whatever was read, the flag is seen again."""
    if "flag" not in state.unwatched:
        return state
    hole = Span(state.unwatched["flag"], entry.at, "flag")
    unwatched = {name: since for name, since in state.unwatched.items() if name != "flag"}
    return replace(state, unwatched=unwatched, holes=added(state.holes, hole))


def _flag_returned(state: State, entry: Entry) -> State:
    """The flag was elsewhere, or not read, and reads what the phase says again."""
    state, flag = _flag_read(state, entry), state.flag
    if flag.status != FlagStatus.DRIFTED or entry.counted("percent", -1) != state.phase:
        return state
    there = replace(flag, status=FlagStatus.CONFIRMED, percent=state.phase, text=entry.text, at=entry.at)
    return replace(state, flag=there)


def _flag_drifted(state: State, entry: Entry) -> State:
    return _flag_turned(_flag_read(state, entry), entry)


def _flow_frozen(state: State, entry: Entry) -> State:
    return replace(state, frozen={entry.said("flow"): entry.at, **state.frozen})


def _flow_thawed(state: State, entry: Entry) -> State:
    flow = entry.said("flow")
    if flow not in state.frozen:
        return state
    span = Span(state.frozen[flow], entry.at, entry.said("cause"))
    return replace(
        state,
        frozen={name: at for name, at in state.frozen.items() if name != flow},
        freezes=added(state.freezes, (flow, span)),
    )


def _flag_served(state: State, entry: Entry) -> State:
    """Note that the confirmed value is served: from then on users have it."""
    served = state.flag.status == FlagStatus.CONFIRMED and entry.counted("percent") == state.flag.percent
    return replace(state, flag=replace(state.flag, served=True, at=entry.at)) if served else state


def _switched(state: State, entry: Entry) -> State:
    name, on = entry.said("switch"), bool(entry.facts.get("on"))
    known = Switch(on, entry.at, entry.kind == "switch.confirmed", entry.said("reason"))
    found = {one: at for one, at in state.found.items() if one != name or known.on or not known.set}
    return replace(state, switches={**state.switches, name: known}, found=found)


def _switch_found(state: State, entry: Entry) -> State:
    name = entry.said("switch")
    rest = {found: at for found, at in state.found.items() if found != name}
    return replace(state, found={**rest, name: entry.at} if entry.facts.get("on") else rest)


FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "flag.intended": _flag_turned,
    "flag.confirmed": _flag_turned,
    "flag.refused": _flag_turned,
    "flag.unknown": _flag_turned,
    "flag.drifted": _flag_drifted,
    "flag.returned": _flag_returned,
    "flag.unread": _flag_unread,
    "flag.served": _flag_served,
    "switch.confirmed": _switched,
    "switch.refused": _switched,
    "switch.found": _switch_found,
    "flow.frozen": _flow_frozen,
    "flow.thawed": _flow_thawed,
}
