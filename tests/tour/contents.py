"""What a plan may hold and a source may answer: long and foreign names, many of everything, huge values, nothing."""

from collections.abc import Callable
from datetime import timedelta
from string import ascii_lowercase

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.plan.checks import SCREEN_KEYS
from sessions.plan.model import Collection, Flow, Journey, Phase, Plan, Step, Task
from sessions.state.reducer import State
from sessions.values import readings as r
from tests.support.screen.grown_flight import NOW, ago
from tests.tour.states import PLAN, Kept

_NAMES = ("endpoint", "journey", "collection")
_HIGH = 1_000
_YEAR = 365 * 86_400.0
_STREET = "/api/v2/tenants/{tenantId}/capsules/{capsuleId}/recommendations"
_WHY = "the platform team was called at once and says that the index on capsules.lookId is missing since 4f1c2a9; " * 3


class Content(Struct, frozen=True):
    """How a plan, and what is read and done, becomes another one."""

    plan: Callable[[Plan], Plan] = lambda plan: plan
    read: Callable[[r.Reading], tuple[r.Reading, ...]] = lambda reading: (reading,)
    more: Callable[[Kept], object] = lambda flight: flight
    """What happens besides."""


class Filled(Kept):
    """A flight over a plan and readings of some content."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content = content
        self.state = State(content.plan(PLAN))

    def saw(self, *readings: r.Reading) -> "Filled":
        super().saw(*(one for reading in readings for one in self.content.read(reading)))
        return self


def filled(state: Callable[..., Kept], content: Content) -> tuple[Kept, Judgement]:
    """Return the flight of a state with some content, and its judgement."""
    flight = Filled(content)
    state(flight)
    content.more(flight)
    return flight, flight.judged()


def _renamed(plan: Plan, name: Callable[[str], str]) -> Plan:
    """Return the plan with other names for all that it names; ids that code knows stay."""
    journeys = tuple(replace(one, id=name(one.id), endpoints=tuple(map(name, one.endpoints))) for one in plan.journeys)
    return replace(
        plan,
        title=name(plan.title),
        endpoints=tuple(map(name, plan.endpoints)),
        journeys=journeys,
        collections=tuple(replace(one, name=name(one.name)) for one in plan.collections),
        flows=tuple(replace(one, title=name(one.title)) for one in plan.flows),
        risks=tuple(
            replace(
                one,
                title=name(one.title),
                mitigation=name(one.mitigation),
                steps=tuple(replace(step, text=name(step.text)) for step in one.steps),
            )
            for one in plan.risks
        ),
        phases=tuple(
            replace(
                one,
                title=name(one.title),
                activities=tuple(replace(task, text=name(task.text)) for task in one.activities),
            )
            for one in plan.phases
        ),
        week=replace(plan.week, tasks=tuple(replace(task, text=name(task.text)) for task in plan.week.tasks)),
    )


def _called(name: Callable[[str], str]) -> Content:
    """Return the content in which everything has such a name."""

    def read(reading: r.Reading) -> tuple[r.Reading, ...]:
        for field in _NAMES:
            if known := getattr(reading, field, None):
                reading = replace(reading, **{field: name(known)})
        if isinstance(reading, r.Tickets):
            reading = replace(reading, titles=tuple(map(name, reading.titles)))
        return (reading,)

    def more(flight: Kept) -> None:
        flight.wrote(NOW, "note.written", name("Stakeholders were told"), by="owner")

    return Content(lambda plan: _renamed(plan, name), read, more)


def _long(text: str) -> str:
    method, _, path = text.partition(" ")
    if path.startswith("/"):
        return f"{method} {_STREET}{path}"[:64]
    return f"{text} that goes on and on until it has sixty characters or more"[:60] if " " in text else f"{text:_<60}"


def _wide(text: str) -> str:
    method, _, path = text.partition(" ")
    return f"{method} /お客様/{'推薦商品一覧' * 4}{path}" if path.startswith("/") else f"{'担当者への連絡' * 4}{text}"


def _combining(text: str) -> str:
    return "".join(char + ("\u0301" if char.isalpha() else "") for char in f"{text} {'café' * 8}"[:60])


def _many(plan: Plan) -> Plan:
    endpoints = (*plan.endpoints, *(f"GET /more/{number}" for number in range(20 - len(plan.endpoints))))
    journeys = (*plan.journeys, *(Journey(f"journey_{number}", endpoints[:1]) for number in range(12)))
    collections = (*plan.collections, *(Collection(f"archive_{number}", 10, ("id",), "") for number in range(12)))
    flows = (*plan.flows, *(Flow(f"flow{number}", f"Flow {number}", f"flow-{number}-on") for number in range(8)))
    tasks = tuple(Task(f"more.{number}", f"Look at part {number} of the service") for number in range(16))
    phases = tuple(replace(one, activities=(*one.activities, *tasks)) for one in plan.phases)
    between = tuple(Phase(percent, f"Step at {percent} %", 7200.0, ()) for percent in (1, 5, 15, 60, 75))
    phases = tuple(sorted((*phases, *between), key=lambda one: one.percent))
    free = sorted({*ascii_lowercase} - SCREEN_KEYS - {step.key for risk in plan.risks for step in risk.steps})
    steps = tuple(Step(f"more.{key}", key, f"Ask the people of part {key}", "record", (), "") for key in free)
    risks = (replace(plan.risks[0], steps=(*plan.risks[0].steps, *steps)), *plan.risks[1:])
    return replace(
        plan, endpoints=endpoints, journeys=journeys, collections=collections, flows=flows, phases=phases, risks=risks
    )


def _more_of_all(reading: r.Reading) -> tuple[r.Reading, ...]:
    """Return the reading of the first of each kind once more for each that was added."""
    if isinstance(reading, r.Traffic) and reading.endpoint == PLAN.endpoints[0]:
        return (reading, *(replace(reading, endpoint=f"GET /more/{number}") for number in range(20)))
    if isinstance(reading, r.Beat) and reading.journey == PLAN.journeys[0].id:
        return (reading, *(replace(reading, journey=f"journey_{number}") for number in range(12)))
    if isinstance(reading, r.Size) and reading.collection == PLAN.collections[0].name:
        return (reading, *(replace(reading, collection=f"archive_{number}") for number in range(12)))
    return (reading,)


def _much_happened(flight: Kept) -> None:
    for number in range(30):
        facts = {"incident": f"i{number}", "severity": ("P0", "P1", "P2")[number % 3]}
        title = f"checkout hangs for shoppers of region {number}: {_WHY}"[:200]
        flight.wrote(ago(seconds=100 - number), "incident.opened", title, by="owner", **facts)
        flight.wrote(ago(seconds=60 - number), "note.written", f"{number}: {_WHY}", by="owner")


def _huge(reading: r.Reading) -> tuple[r.Reading, ...]:
    match reading:
        case r.Traffic():
            p95 = reading.p95_ms * _HIGH if reading.p95_ms is not None else None
            reading = replace(reading, requests=reading.requests * _HIGH, errors=reading.errors * _HIGH, p95_ms=p95)
        case r.Size():
            reading = replace(reading, count=reading.count * _HIGH, duplicates=reading.duplicates * _HIGH)
        case r.Tickets():
            priorities = tuple((name, count * _HIGH) for name, count in reading.priorities)
            reading = replace(
                reading, open=reading.open * _HIGH, priorities=priorities, oldest=ago(days=400), escalated=654_321
            )
        case r.Capsules():
            reading = replace(reading, held=182_000, expiring=140_000, expired=123_456)
        case r.Returns():
            statuses = tuple((name, count * _HIGH) for name, count in reading.statuses)
            reading = replace(reading, statuses=statuses, open=310_000, stuck=200_000)
        case r.Csat():
            reading = replace(reading, answers=410_000, low=300_000)
        case r.Beat() if reading.newest is not None:
            reading = replace(reading, newest=ago(days=400), count=300_000)
    return (reading,)


def _ages(plan: Plan) -> Plan:
    """Everything takes a year."""
    phases = tuple(replace(one, soak=_YEAR) for one in plan.phases)
    risks = tuple(replace(one, fuse=_YEAR if one.fuse else 0.0) for one in plan.risks)
    queue = replace(plan.queue, sla=_YEAR, expiry=_YEAR, stuck=_YEAR)
    return replace(plan, phases=phases, risks=risks, queue=queue, gap=_YEAR / 2)


def _years(flight: Kept) -> None:
    if flight.state.fuses:
        facts = {"risk": "latency_spike", "deadline": NOW + timedelta(days=365), "evidence": ()}
        flight.wrote(NOW, "fuse.extended", "fuse extended by a year", by="owner", reason=_WHY, **facts)
    if flight.state.paused:
        flight.wrote(NOW, "rollout.paused", f"paused: {_WHY}", by="owner", cause=_WHY, evidence=())


def _shrunk(reading: r.Reading) -> tuple[r.Reading, ...]:
    """Return collections that lost nearly all they had: the values are negative."""
    return (replace(reading, count=reading.count // 40),) if isinstance(reading, r.Size) else (reading,)


def _bare(plan: Plan) -> Plan:
    phases = tuple(replace(one, activities=()) for one in plan.phases)
    week = replace(plan.week, tasks=())
    return replace(plan, journeys=(), collections=(), flows=(), risks=(), phases=phases, week=week, log=False)


def _part(**facts: object) -> Content:
    return Content(lambda plan: replace(plan, **facts))


CONTENTS: dict[str, Content] = {
    "usual": Content(),
    "long": _called(_long),
    "wide": _called(_wide),
    "combining": _called(_combining),
    "many": Content(_many, _more_of_all, _much_happened),
    "huge": Content(read=_huge),
    "years": Content(_ages, more=_years),
    "shrunk": Content(read=_shrunk),
    "bare": Content(_bare),
    "unrisked": _part(risks=()),
    "unjourneyed": Content(
        lambda plan: replace(plan, journeys=(), risks=tuple(one for one in plan.risks if one.id != "analytics_outage"))
    ),
    "uncollected": Content(
        lambda plan: replace(
            plan, collections=(), flows=(), risks=tuple(one for one in plan.risks if one.id != "duplication")
        )
    ),
}
