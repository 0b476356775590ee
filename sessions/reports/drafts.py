"""What a stakeholder reads, drafted as bullets that keep their sources: decisions, wins, risks, overrides."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.reports.effects import Rank, risk_behind
from sessions.reports.episodes import REVERT, Episode
from sessions.reports.telling import brief, told
from sessions.values.entries import Entry

DECIDED = "decision.made"
FEEDBACK = "feedback.noted"
_WAIVED = "waived: "
_LEAST = 3
"""The most tasks that are named; more are counted."""


class Bullet(Struct, frozen=True):
    """One drafted line, and the numbers of the entries that it stands on.

    `key` names it however often it is drafted anew. `own`: a person wrote it. `drafted` is what it would say had nobody
    reworded it, empty where nobody did; `changed` says then what became of its facts since.
    """

    text: str
    sources: tuple[int, ...] = ()
    key: str = ""
    own: bool = False
    drafted: str = ""
    changed: str = ""

    @property
    def mine(self) -> bool:
        """Whether its words are a person's."""
        return self.own or bool(self.drafted)

    @property
    def numbers(self) -> str:
        """The sources as they are told, `(#7)` or the first and the last of many, and what a person did: `(+)`."""
        span = dict.fromkeys(f"#{number}" for number in (self.sources[:1] + self.sources[-1:]))
        reworded = "reworded" if self.drafted else ""
        said = ", ".join(filter(None, ("-".join(span), "+" if self.own else "", reworded, self.changed)))
        return f"({said})" if said else ""


def bullet(text: str, entries: Sequence[Entry] = (), key: str = "") -> Bullet:
    """Return a bullet with the numbers of its entries; its default key is the first of them."""
    numbers = tuple(entry.seq for entry in entries)
    return Bullet(f"{text[:1].upper()}{text[1:]}", numbers, key or "".join(map(str, numbers[:1])))


def decisions(entries: Sequence[Entry], told_elsewhere: frozenset[int], say: Wording) -> tuple[Bullet, ...]:
    """Return what was decided: what somebody wrote down as a decision first, then every step of the rollout."""
    written = [entry for entry in entries if entry.kind == DECIDED]
    steps = [entry for entry in entries if entry.kind in ("phase.entered", "week.started")]
    moved = [entry for entry in steps if entry.seq not in told_elsewhere]
    return (
        *(bullet(f"{brief(entry.text, 30)} ({say.at(entry.happened)})", [entry]) for entry in written),
        *(bullet(f"{say.at(entry.happened)} {_step(entry)}", [entry]) for entry in moved),
    )


def _step(entry: Entry) -> str:
    what = "7-day plan begun" if entry.kind == "week.started" else f"{entry.phase} % entered"
    if is_revert(entry):
        return brief(entry.text)
    if entry.facts.get("override"):
        return f"{what} against the gate: {brief(entry.said('reason'), 12)}"
    waived = waived_in(entry)
    return f"{what}, {', '.join(waived)} waived" if waived else what


def wins(plan: Plan, entries: Sequence[Entry], found: Sequence[Episode], share: float) -> tuple[Bullet, ...]:
    """Return what went well: steps that nothing was overruled for and nobody took back, tasks, a quiet time."""
    steps = [entry for entry in entries if is_clean_step(entry) and not _taken_back(entry, entries)]
    done = done_tasks(plan, entries)
    texts = [text for _, text in done]
    some = "; ".join(texts) if len(texts) <= _LEAST else f"{len(texts)} tasks, the last of them {texts[-1]}"
    return (
        *([bullet(f"{_reached(steps)} reached through an open gate", steps, "steps")] if steps else []),
        *([bullet(f"Done: {some}", [entry for entry, _ in done], "done")] if done else []),
        *heard(entries, bad=False),
        *([bullet("Nothing acted, all was watched", key="quiet")] if not found and share >= 99 else []),
    )


def heard(entries: Sequence[Entry], *, bad: bool) -> tuple[Bullet, ...]:
    """Return how much feedback of each tone there was, and the newest text; it is a risk if any is bad."""
    rows = [entry for entry in entries if entry.kind == FEEDBACK]
    counts = {tone: sum(entry.said("tone") == tone for entry in rows) for tone in ("good", "mixed", "bad")}
    if not rows or bool(counts["bad"]) is not bad:
        return ()
    newest = [entry for entry in rows if not bad or entry.said("tone") == "bad"][-1]
    told = ", ".join(f"{count} {tone}" for tone, count in counts.items())
    return (bullet(f"Feedback: {told}; {brief(newest.text, 10)}", rows, "feedback"),)


def _reached(steps: Sequence[Entry]) -> str:
    names = ["the 7-day plan" if entry.kind == "week.started" else f"{entry.phase} %" for entry in steps]
    return ", ".join(dict.fromkeys(names))


def is_clean_step(entry: Entry) -> bool:
    """Whether a step went ahead and nothing of its gate was overruled, by a reason, a waiver or a lost entry."""
    ahead = entry.kind == "week.started" or (entry.kind == "phase.entered" and entry.phase > entry.counted("previous"))
    return ahead and not entry.facts.get("override") and not waived_in(entry) and "cause" not in entry.facts


def is_revert(entry: Entry) -> bool:
    """Whether the rollout went back here."""
    return entry.kind == "phase.entered" and entry.phase < entry.counted("previous")


def waived_in(entry: Entry) -> tuple[str, ...]:
    """Return the conditions that a step passed only because they were waived."""
    lines = (line.split(maxsplit=2) for line in entry.listed("evidence"))
    return tuple(words[1] for words in lines if len(words) > 2 and words[2].startswith(_WAIVED))


def _taken_back(step: Entry, entries: Sequence[Entry]) -> bool:
    return any(
        is_revert(entry) and entry.seq > step.seq and entry.phase < step.phase <= entry.counted("previous")
        for entry in entries
    )


def done_tasks(plan: Plan, entries: Sequence[Entry]) -> tuple[tuple[Entry, str], ...]:
    """Return the tasks that were ticked and not unticked again; a step of a runbook, or a measure that is on, is none.

    What was ticked against a check is no win.
    """
    last = {entry.said("task"): entry for entry in entries if entry.kind == "task.ticked"}
    runbook = {f"{risk.id}.{step.id}" for risk in plan.risks for step in risk.steps}
    return tuple(
        (entry, brief(entry.text.partition(" ✔")[0], 10))
        for task, entry in last.items()
        if entry.facts.get("done", True) and task not in runbook and not entry.facts.get("override")
    )


def risks(plan: Plan, found: Sequence[Episode], say: Wording) -> tuple[Bullet, ...]:
    """Return one bullet for each episode, what is open first, then the worst, then the longest; watched ones as one."""
    told_ones = [one for one in found if one.rank > Rank.WATCH and one.about != REVERT]
    told_ones.sort(key=lambda one: (one.until is not None, -one.rank, -one.lasted))
    watched = [one for one in found if one.rank is Rank.WATCH]
    names = ", ".join(dict.fromkeys(_title(plan, one) for one in watched))
    numbers = tuple(sorted(entry.seq for one in watched for entry in one.entries))
    return (
        *(episode_bullet(plan, one, say) for one in told_ones),
        *([Bullet(f"Watched, never acted: {names}", numbers, "watched")] if watched else []),
    )


def episode_bullet(plan: Plan, episode: Episode, say: Wording) -> Bullet:
    """Return the bullet of one episode."""
    return bullet(told(plan, episode, say), episode.entries)


def _title(plan: Plan, episode: Episode) -> str:
    risk = risk_behind(plan, episode.entries[0])
    return risk.title if risk else episode.about


def overrides(entries: Sequence[Entry], say: Wording) -> tuple[Bullet, ...]:
    """Return where judgement was overruled, with the reasons."""
    return tuple(bullet(f"{say.at(entry.happened)} {_overruled(entry)}", [entry]) for entry in overruled(entries))


def overruled(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries in which a person overruled the judgement."""
    return tuple(entry for entry in entries if entry.facts.get("override") or _is_overruling(entry))


def _is_overruling(entry: Entry) -> bool:
    return entry.kind == "waiver.given" or (entry.kind == "fuse.defused" and entry.by != "watch")


def _overruled(entry: Entry) -> str:
    what = {"waiver.given": f"{entry.said('subject')} waived", "fuse.defused": "fuse put out"}.get(entry.kind)
    if what is None:
        what = f"{entry.phase} % entered against the gate" if entry.kind == "phase.entered" else entry.kind
    return f"{what}: {brief(entry.said('reason') or entry.text)}"


def of_episodes(found: Sequence[Episode]) -> Iterator[int]:
    """Yield the numbers of all entries of an episode."""
    for one in found:
        if one.about != REVERT:
            yield from (entry.seq for entry in one.entries)
