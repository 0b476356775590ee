"""Where the rollout stands: the gate, the day's episodes, measures, what is asked, what people said."""

from collections.abc import Iterator
from datetime import tzinfo

from sessions.gate.judgement import Judgement
from sessions.gate.wording import step
from sessions.reports.effects import Rank
from sessions.reports.page import drafted, saying
from sessions.reports.periods import Period, of_day
from sessions.reports.telling import told
from sessions.state.measures import measures
from sessions.state.pending import still_open
from sessions.text.units import duration, figure, moment
from sessions.values.entries import Entry
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark

_RANKS = {Rank.WATCH: Mark.THIN, Rank.DARK: Mark.BLIND}
_TONES = {"good": Mark.PASS, "mixed": Mark.THIN, "bad": Mark.BREACH}


def gate(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out every condition of the next step, and when it can be taken at the earliest."""
    rows = [Row(one.name, one.text, mark=one.mark) for one in judgement.gate.conditions]
    if judgement.gate.earliest is not None and not judgement.gate.open:
        rows.append(Row("earliest", moment(judgement.gate.earliest, judgement.at, tz), at=judgement.gate.earliest))
    goal = judgement.gate.goal
    yield Section(step(judgement) if goal else "Gate", tuple(rows), "" if rows else "there is no next phase")


def episodes(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the day's episodes, one sentence each."""
    period = _today(judgement, tz)
    draft, say, plan = drafted(judgement, period, tz), saying(judgement, period, tz), judgement.state.plan
    rows = tuple(
        Row(
            "open" if one.until is None else "over",
            told(plan, one, say),
            at=one.since,
            mark=_RANKS.get(one.rank, Mark.BREACH),
        )
        for one in draft.episodes
    )
    yield Section("Episodes of the day", rows or (Row("none", "nothing turned today", mark=Mark.PASS),))
    share = f"{figure(draft.share.percent, '%')} of {duration(draft.share.whole)}"
    yield Section("All well", (Row("of the day so far", share),))


def measures_on(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out every temporary measure that is on, with its age."""
    rows = tuple(
        Row(one.title, f"on for {one.age(judgement.at)}", "to be taken back", one.since, Mark.THIN)
        for one in measures(judgement.state)
    )
    yield Section("Temporary measures", rows or (Row("none", "nothing is on", mark=Mark.PASS),))


def follow_up(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the follow-up tasks of CSAT that are open."""
    rows = tuple(Row(name, text, mark=Mark.WARMING) for name, text in still_open(judgement.state, "csat").items())
    yield Section("Follow-up tasks", rows or (Row("none", "none is open"),))


def feedback(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out what people said, the newest first, and how many of each tone."""
    entries = _of(judgement, "feedback.noted")
    counts = ", ".join(f"{sum(one.said('tone') == tone for one in entries)} {tone}" for tone in _TONES)
    rows = tuple(
        Row(one.said("source"), one.text.partition(": ")[2], at=one.happened, mark=_TONES.get(one.said("tone")))
        for one in reversed(entries)
    )
    yield Section(f"Feedback: {counts}", rows, "" if rows else "none yet: + adds a line")


def update(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out what a message to stakeholders says: where we are, what was seen, what comes next."""
    for title, lines in message_parts(judgement, tz):
        yield Section(title, tuple(Row(str(number), line) for number, line in enumerate(lines, 1)))


def message(judgement: Judgement, tz: tzinfo | None) -> str:
    """Return the message to stakeholders about the phase, as plain lines that may be edited."""
    head = f"{judgement.state.plan.title}: {judgement.state.phase} %"
    parts = (f"{title}\n" + "\n".join(f"- {line}" for line in lines) for title, lines in message_parts(judgement, tz))
    return "\n\n".join((head, *parts)) + "\n"


def message_parts(judgement: Judgement, tz: tzinfo | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the parts of the message, each with its lines: from the phase's own evidence, nothing promised."""
    return (
        ("Where we are", tuple(_where(judgement, tz))),
        ("What was seen", tuple(_seen(judgement, tz))),
        ("What comes next", tuple(_next(judgement, tz))),
    )


def _where(judgement: Judgement, tz: tzinfo | None) -> Iterator[str]:
    state = judgement.state
    since = f" since {moment(state.entered_at, judgement.at, tz)}" if state.entered_at else ""
    doing = "paused" if state.paused else "running"
    phase = state.plan.phase(state.phase).title
    yield f"{phase}: {state.phase} % of shoppers have the feature{since}; the rollout is {doing}"
    if judgement.soak.needed:
        yield f"{duration(judgement.soak.done)} of at least {duration(judgement.soak.needed)} are proved good"


def _seen(judgement: Judgement, tz: tzinfo | None) -> Iterator[str]:
    state = judgement.state
    for name, verdict in judgement.verdicts.items():
        yield f"{name}: {verdict.mark.value}, {verdict.text}" if verdict.text else f"{name}: {verdict.mark.value}"
    since = state.entered_at or judgement.at
    whole = _today(judgement, tz)
    period = Period(
        since, judgement.at, "this phase", "phase", tuple(one for one in state.entries if one.at >= since), whole.today
    )
    draft, say = drafted(judgement, period, tz), saying(judgement, period, tz)
    rows = [told(state.plan, one, say) for one in draft.episodes if one.rank > Rank.WATCH]
    yield from rows or ("no trouble in this phase",)


def _next(judgement: Judgement, tz: tzinfo | None) -> Iterator[str]:
    gate = judgement.gate
    if not gate.goal:
        yield "there is no next phase"
    elif gate.open:
        yield f"{gate.goal} may begin now: every condition is met"
    else:
        when = f"at {moment(gate.earliest, judgement.at, tz)} at the earliest" if gate.earliest else "not in sight yet"
        yield f"{gate.goal} {when}, held by {', '.join(one.name for one in gate.blockers)}"
    yield from (f"{one.title} is on and is to be taken back" for one in measures(judgement.state))


def _today(judgement: Judgement, tz: tzinfo | None) -> Period:
    return of_day(judgement, judgement.at.astimezone(tz).date(), tz)


def _of(judgement: Judgement, kind: str) -> list[Entry]:
    return [entry for entry in judgement.state.entries if entry.kind == kind]
