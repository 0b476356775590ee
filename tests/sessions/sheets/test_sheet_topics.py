"""What a kind of sheet lays out is what a plan uses by it; a topic that nobody asks for says that it has no source."""

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.plan.uses import SHEET_TOPICS
from sessions.sheets.sheet import sheet_of
from sessions.values.readings import Topic
from sessions.values.sheets import KINDS
from tests.support.build import PLAN
from tests.support.part_plans import PLANS, plan_without
from tests.support.screen.grown_flight import NOW, TZ
from tests.support.screen.sample import calm_flight

KNOWN = calm_flight().state


def troubles(kind, dark, answers=()):
    """The troubles of a sheet whose one topic never answered."""
    task = replace(PLAN.phases[0].activities[0], sheet=kind)
    plan = replace(PLAN, phases=(replace(PLAN.phases[0], activities=(task,)), *PLAN.phases[1:]))
    health = {topic: replace(one, good_at=None) if topic is dark else one for topic, one in KNOWN.seen.health.items()}
    state = replace(KNOWN, plan=plan, answers=answers, seen=replace(KNOWN.seen, health=health))
    sheet = sheet_of(judge(state, NOW, TZ), task.id, (), TZ)
    return [section.trouble for section in sheet.sections]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_dark_by_the_topics_that_are_said_of_it(kind):
    found = {topic for topic in Topic if any("never answered" in text for text in troubles(kind, topic))}
    assert found == {*SHEET_TOPICS.get(kind, ())}


def test_what_has_no_source_is_told_as_that():
    assert any("no source for capsules" in text for text in troubles("midday", Topic.CAPSULES, (Topic.TRAFFIC,)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lacking", PLANS)
def test_every_sheet_of_a_plan_that_lacks_a_part_can_be_laid_out(kind, lacking):
    plan = plan_without(*PLANS[lacking])
    task = replace(PLAN.phases[0].activities[0], sheet=kind)
    plan = replace(plan, phases=(replace(plan.phases[0], activities=(task,)), *plan.phases[1:]))
    assert sheet_of(judge(replace(KNOWN, plan=plan), NOW, TZ), task.id, (), TZ).kind == kind
