"""Whether the figures of a section are of now: what a source no longer answers for is never shown as well."""

from collections.abc import Callable, Iterator
from datetime import tzinfo

from msgspec.structs import replace

from sessions.criteria.freshness import Freshness, freshness
from sessions.gate.judgement import Judgement
from sessions.plan.uses import watched
from sessions.values.readings import Topic
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark

Lay = Callable[[Judgement, tzinfo | None], Iterator[Section]]


def about(topic: Topic, lay: Lay) -> Lay:
    """Return what lays out the same, with no row that passes while the topic is dark, and why it is."""

    def fresh(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
        state = judgement.state
        told = freshness(state, topic, judgement.at)
        if topic not in watched(state.plan, state.answers):
            told = Freshness(Mark.BLIND, f"no source for {topic}", None)
        for section in lay(judgement, tz):
            yield section if told.ok else doubted(section, told.mark, told.text)

    return fresh


def doubted(section: Section, mark: Mark, why: str) -> Section:
    """Return a section whose figures are the last known ones: nothing of it passes."""
    rows = tuple(_doubted(row, mark) for row in section.rows)
    return replace(section, rows=rows, trouble="; ".join(filter(None, (section.trouble, why))))


def _doubted(row: Row, mark: Mark) -> Row:
    return replace(row, mark=mark) if row.mark is Mark.PASS else row
