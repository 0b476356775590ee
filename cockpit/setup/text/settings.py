"""`cockpit.toml` as `cockpit init` writes it: where the numbers come from, and where the flag lives."""

from collections.abc import Iterator, Mapping

from cockpit.settings.file.schema_beside import DIRECTIVE
from cockpit.setup.outcome import Database, Outcome, Place
from cockpit.setup.text.words import note, pairs, value

_TOPICS = {
    "events": "journeys",
    "triage": "triage",
    "tickets": "queue",
    "capsules": "capsules",
    "returns": "returns",
    "csat": "csat",
}
"""Which topic each part of a database answers."""


def settings_text(found: Outcome) -> str:
    """Return the whole file."""
    return "\n".join([*_head(found), *_flag(found), *_traffic(found), *_database(found), *_rest(found)]) + "\n"


def _head(found: Outcome) -> Iterator[str]:
    yield DIRECTIVE
    yield from note(
        f"Where the numbers of {found.service} come from, and where its flag is. docs/settings.md explains every"
    )
    yield from note("key. The plan, plan.toml in this folder, says what is judged.")
    yield "#"
    yield from note(
        'Never write a secret here: write "${NAME}" for a variable, or { command = ["program", "argument"] }.'
    )
    yield from note("After an edit run: cockpit trust cockpit.toml, then cockpit doctor.")
    yield ""
    yield from pairs([("service", found.service)])


def _flag(found: Outcome) -> Iterator[str]:
    yield ""
    if found.flag.kind == "session":
        yield from note(
            "The flag is only recorded: you move it yourself. The cockpit can move these kinds: flagd, unleash,"
        )
        yield from note("launchdarkly, http and command, see docs/flags.md. Its name is in plan.toml.")
    elif found.flag.percent is None:
        yield from note("The flag could not be read. Its name is in plan.toml.")
    else:
        yield from note(f"The flag was read at {found.flag.percent} %. Its name is in plan.toml.")
    yield "[flag]"
    yield from pairs([("kind", found.flag.kind), *found.flag.keys.items()])


def _traffic(found: Outcome) -> Iterator[str]:
    place = found.place
    if place.metrics is None:
        return
    yield ""
    kind = "prometheus" if place.prometheus else "scrape"
    yield from note("Requests, errors and p95 of each endpoint.")
    yield "[sources.traffic]"
    yield from pairs([("kind", kind), *_reach(place).items()])
    yield ""
    yield from note("The names of the two metrics and their labels. If method is empty, the endpoint's label holds it.")
    if place.metrics.requests.endswith("_count"):
        yield from note("Requests are the histogram's _count: no other counter has these labels.")
    yield "[sources.traffic.metrics]"
    names = ("requests", "durations", "method", "endpoint", "status", "unit")
    yield from pairs((name, getattr(place.metrics, name)) for name in names)


def _reach(place: Place) -> Mapping[str, object]:
    token = {"token": f"${{{place.token}}}"} if place.token else {}
    if not place.prometheus:
        return {"urls": place.pages, **token}
    job = {"selector": f"job={_matched(place.job)}"} if place.job else {}
    pace = {"scrape_interval": f"{place.interval:g}s"} if place.interval else {}
    return {"url": place.prometheus, **job, **pace, **token}


def _matched(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _database(found: Outcome) -> Iterator[str]:
    database = found.database
    if database is None:
        return
    yield ""
    yield from note("A MongoDB, read-only and with time limits. Give the cockpit a user that may only read.")
    yield "[sources.records]"
    made = [("made", database.made)] if database.made else []
    head = [("kind", "mongo"), ("uri", f"${{{database.variable}}}"), ("database", database.name)]
    yield from pairs([*head, ("topics", _topics(found, database)), *made])
    for part, keys in database.parts.items():
        yield ""
        for doubt in database.doubts.get(part, ()):
            yield from note(f"In doubt: {doubt.text}.")
        yield f"[sources.records.{part}]"
        traffic = [("traffic", False)] if part == "requests" and found.place.metrics else []
        yield from pairs([*keys.items(), *traffic])
        offers = [offer for doubt in database.doubts.get(part, ()) for offer in doubt.offers]
        yield from (f"# {line}" for line in pairs(offers))


def _topics(found: Outcome, database: Database) -> tuple[str, ...]:
    parts = tuple(topic for part, topic in _TOPICS.items() if part in database.parts)
    return (*parts, *(["collections"] if found.growing else []))


def _rest(found: Outcome) -> Iterator[str]:
    metric, label = found.counter
    if metric and found.journeys:
        yield ""
        yield from note("Journeys from a counter of events: when each grew last, minus one step.")
        yield "[sources.journeys]"
        step = f"{2 * (found.place.interval or 15):g}s"
        grew = f"changes({metric}[{step}]) > bool 0"
        last = f"max by ({label}) (max_over_time(((timestamp({metric}) - {step[:-1]}) * ({grew}))[20m:{step}])) > 0"
        keys = [("kind", "json"), ("url", f"{found.place.prometheus.rstrip('/')}/api/v1/query"), ("topic", "journeys")]
        yield from pairs([*keys, ("rows", "data.result[]")])
        yield f"params = {{ query = {value(last)} }}"
        yield f'fields = {{ journey = {value(f"metric.{label}")}, newest = "to_number(value[1])" }}'
    if found.alertmanager:
        yield ""
        yield from note("Firing alerts count as incidents. Without a heartbeat, silence cannot be told from failure.")
        yield "[sources.alerts]"
        yield from pairs([("kind", "alertmanager"), ("url", found.alertmanager)])
        yield from pairs([("heartbeat", found.heartbeat)]) if found.heartbeat else ['# heartbeat = "Watchdog"']
    yield ""
    yield from note("More kinds of sources: probes, any JSON, programs, checks of several steps. See docs/sources.md.")
