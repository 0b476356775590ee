"""A source that takes the question and never answers: asked until its first deadline, then blind."""

from datetime import timedelta

import pytest

from sessions.actions.evidence import turns
from sessions.alarms.alarms import standing
from sessions.criteria.freshness import stale_after
from sessions.plan.uses import RISK_TOPICS
from sessions.values.readings import Topic
from sessions.values.verdicts import Level, Mark
from tests.support.screen.grown_flight import PLAN
from tests.tour.begun import JUST, asking

DEADLINE = timedelta(seconds=stale_after(PLAN, Topic.TRAFFIC))
INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize("after", [timedelta(), DEADLINE / 2, DEADLINE])
def test_before_its_first_deadline_it_is_only_asked_and_nobody_is_called(after):
    judgement = asking().judged(JUST + after)
    assert {judgement.verdicts[name].mark for name in ("latency", "errors")} == {Mark.WARMING}
    spoken_of = [said for name, said in judgement.risks.items() if RISK_TOPICS[name] is Topic.TRAFFIC]
    assert spoken_of
    assert all(said.asking for said in spoken_of)
    assert not [draft for draft in turns(judgement) if draft.facts.get("was") in ("calm", "warming")]
    assert not standing(judgement)


def test_after_its_first_deadline_it_is_blind_and_its_turn_is_written():
    judgement = asking().judged(JUST + DEADLINE + INSTANT)
    assert {judgement.verdicts[name].mark for name in ("latency", "errors")} == {Mark.BLIND}
    assert judgement.risks["latency_spike"].level is Level.BLIND
    assert not judgement.risks["latency_spike"].asking
    assert "latency never answered" in [draft.text for draft in turns(judgement)]


def test_a_turn_to_blind_is_an_alarm():
    flight, at = asking(), JUST + DEADLINE + INSTANT
    for draft in turns(flight.judged(at)):
        flight.wrote(at, draft.kind, draft.text, by=draft.by, **draft.facts)
    assert [alarm.id.partition(".")[0] for alarm in standing(flight.judged(at))] == ["blind"]
