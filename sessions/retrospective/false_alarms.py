"""What may have been a false alarm: it cleared with nothing done and may be chance, or its fuse was put out."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sessions.gate.wording import titled
from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.reports.effects import Rank
from sessions.reports.episodes import Episode
from sessions.reports.telling import told
from sessions.retrospective.response import acts
from sessions.values.entries import Entry

NOISE = ("may be chance", "chance?", "the buckets cannot tell")
"""What a card says of figures that are no proof."""


def false_alarms(plan: Plan, found: Sequence[Episode], say: Wording) -> Iterator[str]:
    """Yield a sentence for each; those that were only watched are counted by their name."""
    over = [one for one in found if one.until is not None]
    for one in over:
        if one.has("fuse.defused") and not one.has("fuse.blown"):
            yield f"{told(plan, one, say)} ({_put_out(one)})"
        elif one.rank is not Rank.WATCH and _by_chance(plan, one):
            yield f"{told(plan, one, say)} (may be chance, and nothing was done)"
    watched = Counter(_title(plan, one) for one in over if one.rank is Rank.WATCH and _by_chance(plan, one))
    for name, count in watched.items():
        yield f"{name} was watched {count} time{'' if count == 1 else 's'} for what may be chance, and never acted"


def _put_out(one: Episode) -> str:
    by = next(entry.by for entry in reversed(one.entries) if entry.kind == "fuse.defused")
    return "its fuse went out by itself" if by == "watch" else "its fuse was put out by hand"


def _by_chance(plan: Plan, one: Episode) -> bool:
    """Whether its own figures are no proof, and nobody did anything."""
    return any(map(_noisy, one.entries)) and not any(acts(plan, entry) for entry in one.entries)


def _noisy(entry: Entry) -> bool:
    return any(word in entry.text for word in NOISE)


def _title(plan: Plan, one: Episode) -> str:
    risk = next((entry.said("risk") for entry in one.entries if entry.said("risk")), "")
    return titled(plan, risk) if risk else one.about
