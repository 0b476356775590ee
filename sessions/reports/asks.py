"""The Asks of a report: what is open, holds, is switched on for a time, or was overruled, now."""

from collections.abc import Iterator, Mapping, Sequence

from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.wording import short, spoken, step, titled
from sessions.handover.sections import Wording
from sessions.reports.drafts import Bullet, overruled
from sessions.reports.effects import family
from sessions.reports.episodes import Episode
from sessions.reports.telling import brief
from sessions.state.measures import measures
from sessions.state.pending import still_open
from sessions.values.entries import Entry
from sessions.values.verdicts import Level

_WHOM: Mapping[str, str] = {
    "latency_spike": "Engineering",
    "error_rate": "Engineering",
    "duplication": "Engineering",
    "analytics_outage": "Analytics",
    "support_queue": "Support",
    "csat": "Support",
}
_LONG = 16
"""Words of a figure: its value, its bound and what it is of stay together."""
_OWNER, _STAKEHOLDERS = "Owner", "Stakeholders"


def asks(
    judgement: Judgement, entries: Sequence[Entry], say: Wording, found: Sequence[Episode] = ()
) -> tuple[Bullet, ...]:
    """Return what needs somebody, the most urgent first; what was overruled is that of `entries`.

    Who is asked about a risk is asked once in an episode of `found`, however often it turns.
    """
    return (
        *_acting(judgement, found),
        *_incidents(judgement),
        *_stopped(judgement, say),
        *_measures(judgement, say),
        *_unseen(judgement),
        *_broken(judgement),
        *_tasks(judgement),
        *_overruled(entries),
        *_gate(judgement),
    )


def _ask(whom: str, text: str, key: str, entries: Sequence[Entry] = ()) -> Bullet:
    return Bullet(f"{whom}: {text}", tuple(entry.seq for entry in entries), key)


def _acting(judgement: Judgement, found: Sequence[Episode]) -> Iterator[Bullet]:
    begun = {one.about: one.entries[0].seq for one in sorted(found, key=lambda one: one.since)}
    for risk in judgement.state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is not None and said.level is Level.ACT:
            what = spoken(said)
            text = f"{risk.title} acts ({brief(what, _LONG)}): {brief(risk.mitigation)}"
            yield _ask(_WHOM.get(risk.id, _OWNER), text, f"acts.{risk.id}.{begun.get(family(risk.id), 0)}")


def _unseen(judgement: Judgement) -> Iterator[Bullet]:
    dark = {risk.title: judgement.risks.get(risk.id) for risk in judgement.state.plan.risks}
    blind = {title: said for title, said in dark.items() if said is not None and said.level is Level.BLIND}
    if blind:
        first, said = next(iter(blind.items()))
        why = (
            brief(said.text, 8) if len({one.text for one in blind.values()}) == 1 else f"{first} {brief(said.text, 8)}"
        )
        yield _ask(_OWNER, f"Bring back the sources of {', '.join(blind)} ({why})", "unseen")


def _incidents(judgement: Judgement) -> Iterator[Bullet]:
    for incident in sorted(judgement.state.incidents.values(), key=lambda one: one.severity):
        if incident.resolved_at is None:
            rows = _entries(judgement, "incident.opened", "incident", incident.id)
            yield _ask(
                "Engineering", f"Resolve {incident.severity} {brief(incident.title)}", f"incident.{incident.id}", rows
            )


def _stopped(judgement: Judgement, say: Wording) -> Iterator[Bullet]:
    """What stands still until somebody lets it go on."""
    state = judgement.state
    if state.paused is not None:
        cause = brief(titled(state.plan, state.paused.cause))
        key = f"pause.{_newest(judgement, 'rollout.paused')}"
        yield _ask(_OWNER, f"Decide on the pause: {cause}, since {say.at(state.paused.at)}", key)
    for flow, at in state.frozen.items():
        title = titled(state.plan, flow)
        rows = _entries(judgement, "flow.frozen", "flow", flow)[-1:]
        key = f"frozen.{flow}.{''.join(str(row.seq) for row in rows)}"
        yield _ask(_OWNER, f"Decide when flow {title} may thaw, frozen since {say.at(at)}", key)


def _measures(judgement: Judgement, say: Wording) -> Iterator[Bullet]:
    """What was switched on for a while and is on still."""
    for item in measures(judgement.state):
        if item.id not in judgement.state.frozen:
            rows = _entries(judgement, "task.ticked", "task", item.id)[-1:]
            hides = f", it hides {', '.join(item.hides)}" if item.hides else ""
            yield _ask(
                _WHOM.get(item.risk, _OWNER),
                f"{item.title}: on since {say.at(item.since)}{hides}, say when it ends",
                f"measure.{item.id}.{''.join(str(row.seq) for row in rows)}",
                rows,
            )


def _broken(judgement: Judgement) -> Iterator[Bullet]:
    """What is broken in the cockpit itself."""
    if judgement.state.journal_fault:
        yield _ask(_OWNER, f"Mend the journal: {brief(judgement.state.journal_fault)}", "journal")
    for origin, text in judgement.state.faults.items():
        yield _ask(_OWNER, f"Mend the {origin}: {brief(text)}", f"fault.{origin}")


def _tasks(judgement: Judgement) -> Iterator[Bullet]:
    """A follow-up task is asked for until it is ticked, with the entry that opened it last."""
    for task, text in still_open(judgement.state).items():
        rows = _entries(judgement, "task.opened", "task", task)[-1:]
        yield _ask(
            _WHOM.get(task.partition(".")[0], _OWNER), f"Do the follow-up task: {brief(text)}", f"task.{task}", rows
        )
    late = [chore for chore in judgement.week if chore.status in (ChoreStatus.OVERDUE, ChoreStatus.MISSED)]
    if late:
        newest = late[-1]
        more = f" and {len(late) - 1} before it" if len(late) > 1 else ""
        text = f"Catch up on {newest.status} tasks: day {newest.day} {brief(newest.text)}{more}"
        yield _ask(_OWNER, text, "overdue")


def _overruled(entries: Sequence[Entry]) -> Iterator[Bullet]:
    """Who overrules judgement asks others to agree."""
    rows = overruled(entries)
    if rows:
        reasons = list(dict.fromkeys(map(_why, rows)))
        more = f" and {len(reasons) - 2} more" if len(reasons) > 2 else ""
        reasons = reasons[-2:]
        yield _ask(_STAKEHOLDERS, f"Agree with what was overruled: {'; '.join(reasons)}{more}", "overruled", rows)


def _why(entry: Entry) -> str:
    """Say what was overruled, and the reason."""
    reason, what = entry.said("reason"), brief(entry.text, _LONG)
    return what if not reason or reason in entry.text else f"{what} ({brief(reason, 8)})"


def _gate(judgement: Judgement) -> Iterator[Bullet]:
    held = [item for item in judgement.gate.blockers if item.eta is None]
    week = judgement.state.week_at is not None
    reasons = list(dict.fromkeys(short(one.text) for one in held))
    alike = [(why, ", ".join(one.name for one in held if short(one.text) == why)) for why in reasons]
    told = [f"{names} ({brief(why, _LONG)})" for why, names in alike[:2]]
    names = "; ".join((*told, *(names for _, names in alike[2:])))
    if held:
        yield _ask(
            _OWNER,
            f"{'See to the' if week else 'See what holds the'} {step(judgement).lower()}: {names}",
            f"gate.{judgement.gate.percent}",
        )


def _newest(judgement: Judgement, kind: str) -> int:
    return next((entry.seq for entry in reversed(judgement.state.entries) if entry.kind == kind), 0)


def _entries(judgement: Judgement, kind: str, fact: str, value: str) -> list[Entry]:
    return [entry for entry in judgement.state.entries if entry.kind == kind and entry.said(fact) == value]
