"""Minutes that are no longer kept: a window with errors enough for a spike may have held one, and is no proof."""

from msgspec.structs import replace

from sessions.criteria.windows import lines
from sessions.gate.gate import gate
from sessions.gate.judgement import Judgement
from sessions.replay.record import Record
from sessions.values.verdicts import Mark

WHY = "its minutes are not kept: may be a spike"


def doubted(judgement: Judgement, record: Record) -> Judgement:
    """Return the judgement in which errors do not pass where a spike may have been in minutes that are gone."""
    verdict = judgement.verdicts.get("errors")
    if verdict is None or verdict.mark is not Mark.PASS or not _may_hide_one(judgement, record):
        return judgement
    verdicts = {**judgement.verdicts, "errors": replace(verdict, mark=Mark.SILENT, text=WHY)}
    state, now = judgement.state, judgement.at
    held = gate(state, verdicts, judgement.risks, judgement.soak, now, judgement.tz)
    return replace(judgement, verdicts=verdicts, gate=held)


def _may_hide_one(judgement: Judgement, record: Record) -> bool:
    if not record.compacted:
        return False
    plan, first = judgement.state.plan, record.minutes_since
    sums: dict[object, float] = {}
    for line in lines(judgement.state, judgement.at).values():
        for slot in line.slots[-plan.windows.count :]:
            if slot.reading is not None and (first is None or slot.start < first):
                sums[slot.start] = sums.get(slot.start, 0.0) + slot.reading.errors
    return any(errors >= plan.errors.spike_errors for errors in sums.values())
