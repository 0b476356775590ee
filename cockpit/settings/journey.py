"""The journey source: a check as data, run on demand or on an interval, and what an activity may run instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cockpit.settings import kit
from cockpit.settings.access import Access
from cockpit.settings.secret import Secret

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One request and what its answer must be. `{run}` is the run's id, `{name}` what an earlier step captured."""

    name: str = kit.text("What the step does", example='"hold a capsule"')
    method: str = kit.choice("Method", METHODS, "GET")
    path: str = kit.text("Path", example='"/capsules"')
    headers: Mapping[str, Secret] = kit.headers("Further request headers", '{ X-Run-Id = "{run}" }')
    body: Mapping[str, object] = kit.body("JSON to send", '{ shopperId = "{run}", lookId = "linen" }')
    status: tuple[int, ...] = kit.wholes("Statuses that are right", (200,), low=100, high=599)
    contains: str = kit.text("A text that the right answer contains", "")
    expect: Mapping[str, str] = kit.pairs("JMESPath of the answer, with the value as text", '{ created = "true" }')
    capture: Mapping[str, str] = kit.pairs("Name of a value, with its JMESPath", '{ look = "looks[0]" }')


@dataclass(frozen=True, slots=True)
class JourneyLook:
    """A document that must arrive in MongoDB because of the run."""

    collection: str = kit.text("Collection", example='"analytics_events"')
    where: Mapping[str, str] = kit.pairs("Fields with their values", '{ journey = "capsule_created", runId = "{run}" }')
    within: float = kit.span("How long it may take", 10.0, "10s", low=0.1)


@dataclass(frozen=True, slots=True)
class Journey(Access):
    """`journey`: a named list of HTTP steps, then a look into MongoDB; an `every` of 0 runs it on demand only."""

    url: str = kit.url("Where the service is", example='"https://shop.example.org"')
    steps: tuple[JourneyStep, ...] = kit.many(JourneyStep, "What is done, in order", least=1)
    looks: tuple[JourneyLook, ...] = kit.many(JourneyLook, "What must arrive in the database afterwards")
    database: str = kit.text("Name of the mongo source to look into; needed where there are looks", "", '"records"')
    journey: str = kit.text("The plan's journey whose traffic a run proves", "", '"capsule_created"')

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        yield from Access.problems(self)
        if self.looks and not self.database:
            yield "database", "is missing", "name the mongo source to look into"


@dataclass(frozen=True, slots=True)
class Activity:
    """How an activity of the plan is done by running something: a journey source, or a command of its own."""

    journey: str = kit.text("Name of the journey source to run", "", '"wf7"')
    argv: tuple[str, ...] = kit.argv("Program and arguments; exit 0 ticks the activity", (), '["make", "smoke"]')
    timeout: float = kit.span("Longest run of the command", 60.0, "60s", low=0.1)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        if bool(self.journey) == bool(self.argv):
            yield "journey", "or argv, one of them", "name the journey to run, or the program"
