"""The journey source: a check as data, run on demand or on an interval, and what an activity may run instead."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from cockpit.runtime.record import dataclass
from cockpit.settings.models.mongo import why_no_name
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.placeholders import places_in
from cockpit.settings.schema.secrets import Secret
from cockpit.settings.schema.shapes import Rules, either

Problems = Iterable[tuple[str, str, str]]
_ASK = "see jmespath.org"
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
    contains: str = kit.text("A text that the answer must contain", "")
    expect: Mapping[str, str] = kit.pairs("JMESPath and the value that it must have, as text", '{ created = "true" }')
    capture: Mapping[str, str] = kit.pairs("Name of a value to capture, and its JMESPath", '{ look = "looks[0]" }')

    def problems(self) -> Problems:
        """Yield what no request can be made of."""
        if self.path and not self.path.startswith("/"):
            yield "path", "does not begin with /", "write the path only, the host is the url's"
        for name in self.capture:
            if name == "run" or not name.isidentifier():
                yield "capture", f'"{name}" cannot name a value', "use letters, digits and _"
        yield from (("expect", why, _ASK) for why in _unreadable(self.expect))
        yield from (("capture", why, _ASK) for why in _unreadable(self.capture.values()))


@dataclass(frozen=True, slots=True)
class JourneyLook:
    """A document that must arrive in MongoDB because of the run."""

    collection: str = kit.text("Collection", example='"analytics_events"')
    where: Mapping[str, str] = kit.pairs("Fields with their values", '{ journey = "capsule_created", runId = "{run}" }')
    within: float = kit.span("How long it may take", 10.0, "10s", low=0.1)

    def problems(self) -> Problems:
        """Yield what could look for anything but this run's own document: row 67, no operator from outside."""
        if not any(places_in(self.where)):
            yield "where", "names nothing of this run", 'write { runId = "{run}" }'
        if why := why_no_name(self.collection):
            yield "collection", why, "write the plain name"
        for name, value in self.where.items():
            if why := why_no_name(name) or ("" if name else '"" is no name'):
                yield "where", why, "write the plain field"
            if value.startswith("$"):
                yield "where", f'"{value[:40]}" holds an operator', "write the plain value"


@dataclass(frozen=True, slots=True)
class Journey(Access):
    """`journey`: a named list of HTTP steps, then a look into MongoDB; without `every` it runs only on demand."""

    url: str = kit.url("Where the service is", example='"https://shop.example.org"')
    steps: tuple[JourneyStep, ...] = kit.many(JourneyStep, "The steps, in order", least=1)
    looks: tuple[JourneyLook, ...] = kit.many(JourneyLook, "Documents that must be in the database afterwards")
    database: str = kit.text("Name of the mongo source for `looks`; required if there are any", "", '"records"')
    journey: str = kit.text("The plan's journey whose traffic a run proves", "", '"capsule_created"')

    def problems(self) -> Problems:
        """Yield what contradicts itself, and every place that nothing fills."""
        yield from Access.problems(self)
        if self.looks and not self.database:
            yield "database", "is missing", "name the mongo source to look into"
        known = {"run"}
        for number, step in enumerate(self.steps):
            headers = [secret.template for secret in step.headers.values()]
            texts = (step.path, headers, step.body, step.contains, step.expect)
            yield from _unfilled(f"steps[{number}]", texts, known)
            known |= set(step.capture)
        for number, look in enumerate(self.looks):
            yield from _unfilled(f"looks[{number}]", look.where, known)


@dataclass(frozen=True, slots=True)
class Activity:
    """How an activity of the plan is done by running something: a journey source, or a command of its own."""

    journey: str = kit.text("Name of the journey source to run", "", '"wf7"')
    argv: tuple[str, ...] = kit.argv("Program and arguments; exit 0 ticks the activity", (), '["make", "smoke"]')
    timeout: float = kit.span("Longest run of the command", 60.0, "60s", low=0.1)
    RULES: ClassVar[Rules] = (either("journey", "argv"),)

    def problems(self) -> Problems:
        """Yield what contradicts itself."""
        if bool(self.journey) == bool(self.argv):
            yield "journey", "or argv, one of them", "name the journey to run, or the program"


def _unfilled(where: str, texts: object, known: set[str]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys(places_in(texts)):
        if name not in known:
            yield where, f"{{{name}}} is filled by nothing", f"known here: {', '.join(sorted(known))}"


def _unreadable(asked: Iterable[str]) -> Iterator[str]:
    """Say which JMESPaths cannot be read."""
    for path in asked:
        import jmespath
        from jmespath.exceptions import JMESPathError

        try:
            jmespath.compile(path)
        except JMESPathError:
            yield f'"{path[:40]}" is no JMESPath'
