"""The retrospective as Markdown: the facts of the flight, and room for its owner's conclusions."""

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from statistics import median

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.replay.course import Course
from sessions.reports.episodes import by_todays_clock, episodes
from sessions.reports.telling import span_words, told
from sessions.retrospective import bounds, false_alarms, holding, overrides, response, temporary, timeline
from sessions.retrospective.bounds import Scaled
from sessions.retrospective.response import Response
from sessions.text.markdown import bullets, plain, table
from sessions.text.units import counted, zone

_ALL = 4000
KEEP, CHANGE = "Keep", "Change"
_YOURS = "_Yours to write: this file is never overwritten once you have changed it._"


class Anew(Struct, frozen=True):
    """What a replay says: the flight as it was judged anew, and with other bounds; `limits`: what cannot be told.

    `course` is None where no reading is kept; then `recorded`, the flight by its log, is all there is.
    """

    recorded: Course
    course: Course | None = None
    scaled: tuple[Scaled, ...] = ()
    limits: tuple[str, ...] = ()


def retrospective(judgement: Judgement, anew: Anew, tz: tzinfo | None) -> str:
    """Return the retrospective of the whole flight so far; moments are local, `tz` None is the system's."""
    state, now = judgement.state, judgement.at
    plan, entries = state.plan, state.entries
    say = Wording(now, tz, fine=plan.speed > 1, dated=True)
    found = response.responses(plan, entries, now)
    lines = timeline.timeline(entries, by_todays_clock(entries, now), say)
    alarms = false_alarms.false_alarms(plan, episodes(plan, entries, now), say)
    sections = (
        ("Timeline", bullets(lines, "Nothing happened.")),
        ("Episodes", _episodes(plan, found, say)),
        ("Overrides", _overrides(judgement, say)),
        ("What held the gate", _held(anew)),
        ("Perhaps false alarms", bullets((plain(line, _ALL) for line in alarms), "None.")),
        ("Temporary measures", _measures(judgement, say)),
        ("The plan's bounds at 80 % and 120 %", _bounds(plan, anew, say)),
        (KEEP, _YOURS),
        (CHANGE, _YOURS),
    )
    return "\n\n".join((_head(judgement, tz), *(f"## {title}\n\n{text}" for title, text in sections))) + "\n"


def _head(judgement: Judgement, tz: tzinfo | None) -> str:
    state, at = judgement.state, judgement.at.astimezone(tz)
    whole = (judgement.at - (state.started_at or judgement.at)).total_seconds()
    stands = "concluded" if state.concluded_at else f"{plain(state.plan.phase(state.phase).title)}, {state.phase} %"
    return (
        f"# {plain(state.plan.title)} · retrospective\n\n"
        f"Session {plain(state.name)}, {span_words(whole)}, {counted(len(state.entries), 'entries')}; {stands}. "
        f"Drafted {at:%d %B %Y %H:%M:%S} {zone(at)}."
    )


def _episodes(plan: Plan, found: Sequence[Response], say: Wording) -> str:
    rows = [
        (
            plain(told(plan, one.episode, say), _ALL),
            _span(one.after(one.told)),
            _acted(one),
            _span(one.after(one.over)) if one.over else "open",
        )
        for one in found
    ]
    listed = table(("What happened", "Noticed after>", "Acted on after>", "Over after>"), rows, "None.")
    return f"{_middle(found)}\n\n{listed}" if found else listed


def _middle(found: Sequence[Response]) -> str:
    """Say what is usual and what is worst; all is counted from where the breach begins in the data."""
    parts = {
        "noticed": [one.after(one.told) for one in found],
        "acted on": [one.after(one.acted) for one in found],
        "over": [one.after(one.over) for one in found],
    }
    words = []
    for name, spans in parts.items():
        known = [span for span in spans if span is not None]
        if known:
            words.append(f"{name} after {span_words(median(known))} (at most {span_words(max(known))})")
    many = f"{len(found)} episode{'' if len(found) == 1 else 's'}"
    return f"{many}, in the middle {', '.join(words)}. Counted from where the breach begins in the data."


def _acted(one: Response) -> str:
    if one.act is None:
        return "–"
    return f"{_span(one.after(one.acted))}, {plain(one.act.by)}"


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else span_words(max(seconds, 0.0))


def _overrides(judgement: Judgement, say: Wording) -> str:
    found = overrides.overrides(judgement.state.plan, judgement.state.entries, say)
    rows = ([plain(cell, _ALL) for cell in row] for row in overrides.rows(found, say))
    return table(("When", "What", "Why", "What became of it"), rows, "Nothing was overruled.")


def _held(anew: Anew) -> str:
    if anew.course is None:
        lost = [(plain(one.name), span_words(one.seconds)) for one in holding.by_log(anew.recorded)]
        note = (
            "Not judged: no reading is kept. By the log alone, the time in which a criterion was not entered as a pass:"
        )
        return f"{note}\n\n{table(('Criterion', 'No pass in all>'), lost, 'None.')}"
    rows = [
        (
            plain(one.name),
            span_words(one.seconds),
            f"{span_words(one.longest_s)} at {one.longest.phase} %" if one.longest else "–",
        )
        for one in holding.by_replay(anew.course)
    ]
    note = "Judged anew from the readings; several conditions may hold at once."
    listed = table(("Condition", "Held in all>", "Longest in one phase>"), rows, "Nothing held it.")
    return f"{note}\n\n{listed}"


def _measures(judgement: Judgement, say: Wording) -> str:
    now = judgement.at
    rows = (
        (
            plain(one.measure.title),
            say.at(one.measure.since),
            say.at(one.until) if one.until else "**still on**",
            _span(one.lasted(now)),
            plain(", ".join(one.measure.hides)) or "–",
        )
        for one in temporary.spells(judgement.state.plan, judgement.state.entries)
    )
    return table(("Measure", "On", "Taken back", "Lasted>", "Hides"), rows, "None was on.")


def _bounds(plan: Plan, anew: Anew, say: Wording) -> str:
    if not anew.scaled:
        why = "; ".join(plain(line, _ALL) for line in anew.limits) or "no reading is kept"
        return f"Not judged: {why}."
    parts = [_one_bound(plan, one, say) for one in anew.scaled]
    mind = bullets((f"mind: {plain(line, _ALL)}" for line in _limits(anew)), "")
    return "\n\n".join(filter(None, (_scaled_words(plan, anew), mind, *parts)))


def _limits(anew: Anew) -> Iterator[str]:
    yield from anew.limits
    if any(one.factor < 1 for one in anew.scaled):
        yield "a narrower gap between events cannot be judged: only gaps over the plan's bound were kept"


def _scaled_words(plan: Plan, anew: Anew) -> str:
    apart = next((one.sides.grain for one in anew.scaled if one.sides), 0.0)
    gap = timedelta(seconds=plan.gap * plan.speed)
    return (
        f"The same readings, by bounds of p95 ({plan.latency.p95_ms:g} ms), errors ({plan.errors.share:g} %), "
        f"gap ({gap.total_seconds() / 60:g} min) and growth ({plan.growth.tolerance:g} %, {plan.growth.slack:g} "
        f"documents) that are tighter and wider; what lies less than {span_words(apart)} apart counts as one."
    )


def _one_bound(plan: Plan, one: Scaled, say: Wording) -> str:
    found = [plain(f"{line[:1].upper()}{line[1:]}", _ALL) for line in bounds.differences(plan, one, say)]
    told = bullets(found, "The same gates, pauses, freezes and fuses.")
    mind = bullets((f"mind: {plain(line, _ALL)}" for line in one.limits), "")
    return "\n\n".join(filter(None, (f"### At {100 * one.factor:.0f} %", told, mind)))
