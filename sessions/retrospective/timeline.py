"""The flight in lines: phases, moves, pauses, fuses, decisions, what was overruled; not every entry."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sessions.handover.sections import Wording
from sessions.reports.telling import brief
from sessions.text.markdown import plain
from sessions.values.entries import UNSAVED, Entry

_WORDS = 24
_HEADS = {
    "fuse.lit": "fuse lit: ",
    "fuse.blown": "fuse blown: ",
    "decision.made": "decision: ",
    "incident.opened": "incident: ",
}
"""What stands before the words of an entry that do not say it themselves."""
_TOLD = (
    "session.started",
    "phase.entered",
    "week.started",
    "session.concluded",
    "decision.made",
    "rollout.paused",
    "rollout.resumed",
    "fuse.lit",
    "fuse.extended",
    "fuse.defused",
    "fuse.blown",
    "flow.frozen",
    "flow.thawed",
    "waiver.given",
    "waiver.lapsed",
    "flag.refused",
    "flag.unknown",
    "flag.drifted",
    "flag.returned",
    "incident.opened",
    "incident.resolved",
)


def timeline(entries: Iterable[Entry], times: Iterable[datetime], say: Wording) -> Iterator[str]:
    """Yield a line of Markdown for each; `times` are those of the entries by today's clock."""
    for entry, at in zip(entries, times, strict=True):
        if entry.kind in _TOLD:
            by = "" if entry.by == "watch" else f", {plain(entry.by)}"
            words = plain(brief(entry.text.removeprefix(UNSAVED), _WORDS), 2000)
            yield f"{say.at(at)} · {entry.phase} % · {_HEADS.get(entry.kind, '')}{words} (#{entry.seq}{by})"
