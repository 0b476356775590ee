"""Returns and CSAT now, each figure beside the one of just before this phase; what was not measured then says so."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.sheets import stock
from sessions.sheets.fresh import Lay, about
from sessions.sheets.past import Before, Moment, near
from sessions.state.model import State
from sessions.text.units import duration
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Row, Section
from sessions.values.verdicts import Mark

_NONE = "–"


def retest(
    judgement: Judgement, tz: tzinfo | None, before: Before | None, _exhibits: Sequence[Exhibit]
) -> Iterator[Section]:
    """Lay out returns and CSAT, now and before this phase."""
    yield from about(Topic.RETURNS, _beside(stock.returns, before))(judgement, tz)
    for section in about(Topic.CSAT, _beside(stock.csat, before))(judgement, tz):
        yield replace(section, rows=(*section.rows, *_reaching_back(judgement.state)))


def _reaching_back(state: State) -> Iterator[Row]:
    """Return the part of a CSAT span that is before the phase, and says nothing about it."""
    found, entered, span = state.seen.csat, state.entered_at, state.plan.queue.csat
    old = span - (found.at - entered).total_seconds() if found and entered else 0.0
    if old > 0:
        yield Row("older than this phase", f"{duration(min(old, span))} of the {duration(span)}", mark=Mark.THIN)


def _beside(lay: Lay, before: Before | None) -> Lay:
    """Return what lays out the same, each figure beside the one that the same would have laid out then."""

    def beside(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
        then = before.phase if before else None
        was = {one.title: one for one in lay(_at(judgement, then), tz)} if then else {}
        for section in lay(judgement, tz):
            rows = was[section.title].rows if section.title in was else ()
            yield _joined(judgement, section, rows, _why(judgement, before))

    return beside


def _at(judgement: Judgement, then: Moment) -> Judgement:
    """The judgement with what was measured then in the place of what is now."""
    seen = replace(judgement.state.seen, returns=then.returns, csat=then.csat)
    return replace(judgement, state=replace(judgement.state, seen=seen))


def _joined(judgement: Judgement, section: Section, was: tuple[Row, ...], why: str) -> Section:
    if not was:
        return replace(section, trouble="; ".join(filter(None, (section.trouble, why))))
    values, told = {row.what: row.value for row in was}, {row.what for row in section.rows}
    rows = [replace(row, value=f"{row.value} · before {values.get(row.what, _NONE)}") for row in section.rows]
    gone = [Row(row.what, f"{_NONE} · before {row.value}", row.bound) for row in was if row.what not in told]
    return replace(section, rows=(*rows, *gone, *_when(judgement, was)))


def _when(judgement: Judgement, was: tuple[Row, ...]) -> Iterator[Row]:
    """Say which moment stands as the one before."""
    at, entered = next((row.at for row in was if row.at is not None), None), judgement.state.entered_at
    if at is not None and entered is not None:
        ago = duration((entered - at).total_seconds())
        yield Row("before", f"measured {ago} before {judgement.state.phase} % was entered", at=at)


def _why(judgement: Judgement, before: Before | None) -> str:
    """Say why there is nothing to lay beside."""
    if before is None:
        return "what was before this phase is not known"
    if before.phase is None:
        return "there is no phase before this one"
    span = duration(near(judgement.state.plan))
    return f"nothing was measured in the {span} before {judgement.state.phase} % was entered"
