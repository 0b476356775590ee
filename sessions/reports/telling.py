"""An episode in one sentence: when, what, its peak against its bound, what was done, how it ended."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from sessions.gate.wording import figure_of, finite, titled
from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.reports.effects import Rank, risk_behind
from sessions.reports.episodes import DARK, REVERT, WATCH, Episode
from sessions.text.units import amount, figure, off
from sessions.values.entries import UNSAVED, Entry

_WORDS = 14
"""The most words of a foreign text in one sentence; the log has all of them."""
_BAD_WORDS = ("breach", "act", "watch")
_TITLES: Mapping[str, str] = {
    "latency": "latency",
    "errors": "errors",
    "analytics": "gap between analytics events",
    "growth": "growth",
    "support_queue": "support queue",
    "csat": "low CSAT scores",
    "exposure": "exposure",
}
_QUEUE = "support_queue"
_COPIES = "duplicates"


class Peak(Struct, frozen=True):
    """The worst figure of an episode, with the bound, the unit and the subject of the entry that it stands in."""

    value: float
    bound: float | None
    unit: str
    subject: str


def span_words(seconds: float) -> str:
    """Say how long something lasted, as people say it: `42 s`, `17 min`, `3 h 05 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(seconds / 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60:02d} min" if hours else f"{minutes} min"


def brief(text: str, words: int = _WORDS) -> str:
    """Return the first words of a text; `(…)` marks the rest."""
    found = text.split()
    return " ".join(found) if len(found) <= words else " ".join([*found[:words], "(…)"])


def peak(episode: Episode) -> Peak | None:
    """Return the worst figure that the entries of an episode carry; None where none carries any."""
    top = _top(episode)
    if top is None:
        return None
    bound = top.counted("bound", float("nan"))
    return Peak(top.counted("value"), bound if finite(bound) else None, top.said("unit"), top.said("subject"))


def _top(episode: Episode) -> Entry | None:
    """Return the entry with the worst figure of an episode."""
    rows = [entry for entry in episode.entries if _is_bad(entry) and finite(entry.counted("value", float("nan")))]
    if not rows:
        return None
    worst = max(rows, key=_beyond)
    unit, below = worst.said("unit"), worst.counted("value") < 0
    alike = [row for row in rows if row.said("unit") == unit and (row.counted("value") < 0) is below]
    return max(alike, key=lambda row: abs(row.counted("value")))


def told(plan: Plan, episode: Episode, say: Wording) -> str:
    """Say an episode in one sentence."""
    until = episode.until
    when = f"since {say.at(episode.since)}" if until is None else say.span(episode.since, until)
    if episode.about == REVERT:
        return f"{when} {brief(episode.entries[0].text)}"
    rest = ", ".join(filter(None, (*_acts(plan, episode), *_end(plan, episode, say))))
    return f"{when} {_what(plan, episode)}{': ' if rest else ''}{rest}"


def _is_bad(entry: Entry) -> bool:
    return entry.said("verdict") in _BAD_WORDS or entry.said("level") in _BAD_WORDS


def _beyond(entry: Entry) -> float:
    """By how many times its bound a figure is over it."""
    value, bound = entry.counted("value"), entry.counted("bound")
    return value / bound if bound else abs(value)


def _what(plan: Plan, episode: Episode) -> str:
    """Say what the trouble was: its name, its subject, its peak against its bound."""
    first = episode.entries[0]
    if episode.about == DARK:
        return f"no data for {', '.join(_lower(titled(plan, name)) for name in episode.names)}"
    if episode.about == WATCH:
        causes = dict.fromkeys(entry.said("cause") for entry in episode.entries)
        return f"nobody watched ({brief('; '.join(filter(None, causes)), 10)})"
    top, worst = peak(episode), _top(episode)
    if top is None or worst is None or not top.value or episode.about == "incidents":
        return _in_words(plan, episode, first)
    subject = f" on {top.subject}" if top.subject and episode.about in ("latency", "errors") else ""
    subject = subject or (f" of {top.subject}" if top.subject else "")
    if episode.about == "growth" and top.unit in {"", _COPIES}:
        copies = "duplicate" if top.value == 1 else "duplicates"
        return f"up to {figure(top.value, '')} {copies} in {top.subject or 'a collection'} (bound {top.bound or 0:g})"
    number = off(top.value, top.unit) if episode.about == "growth" else figure(top.value, _unit(episode, top))
    bound = amount(top.bound, top.unit) if episode.about == "growth" else figure(top.bound, top.unit)
    reach = said if (said := figure_of(worst)).startswith("over ") else f"up to {number}"
    return f"{_title(plan, episode.about)}{subject} {reach} (bound {bound})"


def _unit(episode: Episode, top: Peak) -> str:
    return "open" if episode.about == _QUEUE and not top.unit else top.unit


def _in_words(plan: Plan, episode: Episode, first: Entry) -> str:
    """Say an episode without a figure in the words of its entries."""
    opened = [entry for entry in episode.entries if entry.kind == "incident.opened"]
    if opened:
        return "; ".join(f"{entry.said('severity')} incident {brief(entry.text)}" for entry in opened)
    if episode.about.startswith("flow."):
        return f"{titled(plan, first.said('flow'))} frozen ({brief(first.said('cause'), 8)})"
    if first.kind in ("verdict.turned", "risk.turned"):
        unseen = " not seen" if episode.rank is Rank.DARK else ""
        return f"{_title(plan, episode.about)}{unseen} ({brief(_own(plan, first))})"
    return brief(first.text.removeprefix(UNSAVED))


def _own(plan: Plan, entry: Entry) -> str:
    """What an entry says of its criterion or risk, without the name."""
    name = entry.said("criterion") or titled(plan, entry.said("risk"))
    return entry.text.removeprefix(name).strip()


def _title(plan: Plan, name: str) -> str:
    return _TITLES.get(name) or titled(plan, name)


def _acts(plan: Plan, episode: Episode) -> list[str]:
    """What was done about it, in order, each once."""
    first = episode.entries[0]
    own = first if first.kind in ("rollout.paused", "flow.frozen") and episode.rank is Rank.HELD else None
    found = (_act(plan, entry) for entry in episode.entries if entry is not own)
    return [act for act in dict.fromkeys(found) if act]


def _act(plan: Plan, entry: Entry) -> str:
    say = _DONE.get(entry.kind)
    return say(plan, entry) if say else _PLAIN.get(entry.kind, "")


_PLAIN: Mapping[str, str] = {
    "rollout.paused": "paused",
    "fuse.lit": "fuse lit",
    "fuse.extended": "fuse extended",
    "fuse.blown": "fuse blown",
    "draft.written": "message written",
    "task.opened": "follow-up tasks opened",
    "waiver.lapsed": "waiver lapsed",
    "alarm.acknowledged": "acknowledged",
}


def _step(plan: Plan, entry: Entry) -> str:
    """A runbook step that was done, or a switch that went on or off, in the plan's words."""
    risk = risk_behind(plan, entry)
    text = entry.text.removeprefix(f"{risk.title}: " if risk else "").partition(" ✔")[0].removesuffix("✘ unticked")
    done = entry.facts.get("done", True) or text.endswith("off")
    return _lower(text.strip()) if done else ""


_DONE: Mapping[str, Callable[[Plan, Entry], str]] = {
    "flow.frozen": lambda plan, entry: f"{titled(plan, entry.said('flow')).lower()} frozen",
    "task.ticked": _step,
    "waiver.given": lambda _, entry: f"waived ({brief(entry.said('reason'), 10)})",
    "phase.entered": lambda _, entry: f"reverted to {entry.phase} %",
}


def _lower(text: str) -> str:
    """Begin small, but for what is written in capitals."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _end(plan: Plan, episode: Episode, say: Wording) -> Iterator[str]:
    """How it ended, and what of it stands still."""
    if len(episode.times) > 1:
        yield f"{len(episode.times)} times, {span_words(episode.in_force)} in all"
    yield _over(episode)
    if episode.has("fuse.lit") and not _reverted(episode):
        yield "no revert"
    yield from _standing(plan, episode, say)


def _over(episode: Episode) -> str:
    after = span_words(episode.lasted)
    ended = episode.ended
    if episode.until is None or ended is None:
        return f"not proved over after {after}" if episode.unproved else f"still open after {after}"
    if ended.kind == "phase.entered":
        down = ended.phase < ended.counted("previous")
        return f"ended by the revert after {after}" if down else f"not over when {ended.phase} % was entered, {after}"
    if ended.kind == "fuse.defused" and ended.by != "watch":
        return f"fuse put out by hand ({brief(ended.said('reason'), 10)}) after {after}"
    if episode.about == WATCH or not episode.lasted:
        return after if episode.lasted else ""
    if episode.rank in (Rank.HELD, Rank.DARK):
        return f"over after {after}"
    return f"cleared{'' if _by_hand(episode) else ' by itself'} after {after}"


def _by_hand(episode: Episode) -> bool:
    """Whether somebody did more about it than to look."""
    hands = (entry for entry in episode.entries if entry.by != "watch")
    return any(entry.kind not in ("alarm.acknowledged", "waiver.given", "rollout.resumed") for entry in hands)


def _reverted(episode: Episode) -> bool:
    ended = episode.ended
    moves = [*episode.entries, *([ended] if ended else [])]
    return any(entry.kind == "phase.entered" and entry.phase < entry.counted("previous") for entry in moves)


def _standing(plan: Plan, episode: Episode, say: Wording) -> Iterator[str]:
    """What was done for the episode, and when it was taken back; or that it was not."""
    paused, resumed = (_last(episode, f"rollout.{word}") for word in ("paused", "resumed"))
    if paused and resumed and episode.rank is not Rank.HELD:
        yield f"resumed {say.at(resumed.happened)}"
    elif paused and not resumed and episode.until is not None:
        yield "still paused"
    frozen = {entry.said("flow"): True for entry in episode.entries if entry.kind == "flow.frozen"}
    thawed = {entry.said("flow") for entry in episode.entries if entry.kind == "flow.thawed"}
    still = [titled(plan, flow).lower() for flow in frozen if flow not in thawed]
    if still and episode.until is not None:
        yield f"{', '.join(still)} still frozen"
    elif frozen and not still and episode.rank is not Rank.HELD:
        yield "thawed again"


def _last(episode: Episode, kind: str) -> Entry | None:
    return next((entry for entry in reversed(episode.entries) if entry.kind == kind), None)
