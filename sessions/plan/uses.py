"""What a plan uses: the criteria that are judged, and the topics that a watch asks for.

All that shows, counts, examines or asks a source follows this place. A topic is needed where a criterion or a risk is
read from it: unanswered it holds. It is looked at where only a sheet lays it out: without a source for it that sheet
says less, and nothing holds.
"""

from collections.abc import Iterator, Mapping

from sessions.plan.model import Plan
from sessions.values.readings import Topic
from sessions.values.remembered import remembered
from sessions.values.verdicts import CRITERIA

RISK_TOPICS: Mapping[str, Topic] = {
    "latency_spike": Topic.TRAFFIC,
    "error_rate": Topic.TRAFFIC,
    "analytics_outage": Topic.JOURNEYS,
    "duplication": Topic.COLLECTIONS,
    "support_queue": Topic.QUEUE,
    "csat": Topic.CSAT,
}
"""What each risk is read from."""

SHEET_TOPICS: Mapping[str, tuple[Topic, ...]] = {
    "analytics": (Topic.JOURNEYS,),
    "flows": (Topic.CAPSULES, Topic.QUEUE),
    "growth": (Topic.COLLECTIONS,),
    "retest": (Topic.RETURNS, Topic.CSAT),
    "operations": (Topic.TRAFFIC,),
    "requests": (Topic.TRAFFIC,),
    "instrumentation": (Topic.JOURNEYS,),
    "duplicates": (Topic.COLLECTIONS,),
    "queue": (Topic.QUEUE,),
    "csat": (Topic.CSAT,),
    "morning": (Topic.COLLECTIONS,),
    "midday": (Topic.QUEUE, Topic.CAPSULES, Topic.RETURNS, Topic.CSAT),
}
"""What each kind of sheet lays out; a kind that is not here is read from what is known anyway."""

_NAMED = (Topic.JOURNEYS, Topic.COLLECTIONS)
"""Topics for which the plan names the subjects; without subjects they cannot be asked."""
_WHERE_ANSWERED = (Topic.TRIAGE, Topic.ALERTS, Topic.EXPOSURE)
"""These count wherever there is a source for them."""


def criteria(plan: Plan) -> tuple[str, ...]:
    """Return the criteria that are judged, in their order: of journeys and collections only where there are any."""
    empty = {"analytics": not plan.journeys, "growth": not plan.collections}
    return tuple(name for name in CRITERIA if not empty.get(name))


@remembered(16)
def needed(plan: Plan, answers: tuple[Topic | str, ...] = ()) -> tuple[Topic, ...]:
    """Return the topics that hold the gate without an answer. `answers` are those that have a source.

    Incidents come from a triage log, from alerts or from both. If neither has a source, the log is missing, unless
    the plan says that only people report incidents.
    """
    told = [topic for topic in (Topic.TRIAGE, Topic.ALERTS) if topic in answers]
    logs = told or ([Topic.TRIAGE] if plan.log else [])
    judged = {Topic.TRAFFIC, Topic.FLAG, *logs, *_growing(plan), *(RISK_TOPICS[risk.id] for risk in plan.risks)}
    return tuple(topic for topic in Topic if topic in judged)


@remembered(16)
def looked_at(plan: Plan) -> tuple[Topic, ...]:
    """Return the topics that only sheets lay out."""
    known = needed(plan)
    shown = {topic for kind, _ in _sheets(plan) for topic in SHEET_TOPICS.get(kind, ())}
    named = _growing(plan)
    return tuple(
        topic for topic in Topic if topic in shown and topic not in known and (topic not in _NAMED or topic in named)
    )


def laid_out(plan: Plan, topic: Topic) -> tuple[str, ...]:
    """Return the words of the tasks and steps whose sheet lays out a topic."""
    return tuple(text for kind, text in _sheets(plan) if topic in SHEET_TOPICS.get(kind, ()))


def used(plan: Plan, topic: Topic) -> bool:
    """Return whether an answer on the topic is of any use to this plan."""
    return topic in (*_WHERE_ANSWERED, *needed(plan), *looked_at(plan))


@remembered(16)
def watched(plan: Plan, answers: tuple[Topic | str, ...] = ()) -> tuple[Topic, ...]:
    """Return every topic that a watch asks for and a screen shows: what is needed, and what else has a source.

    Without `answers` nobody said which have one: then all that is looked at is among them.
    """
    more = [topic for topic in looked_at(plan) if topic in answers or not answers]
    more += [topic for topic in _WHERE_ANSWERED if topic in answers]
    return tuple(topic for topic in Topic if topic in {*needed(plan, answers), *more})


def _growing(plan: Plan) -> tuple[Topic, ...]:
    named = {Topic.JOURNEYS: plan.journeys, Topic.COLLECTIONS: plan.collections}
    return tuple(topic for topic, items in named.items() if items)


def _sheets(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the kind of sheet and the words of each task, step and daily task."""
    yield from ((task.sheet, task.text) for phase in plan.phases for task in phase.activities)
    yield from ((step.sheet, step.text) for risk in plan.risks for step in risk.steps)
    yield from ((task.sheet, task.text) for task in plan.week.tasks)
