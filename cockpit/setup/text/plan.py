"""`plan.toml` as `cockpit init` writes it: what is judged, by which bounds; only what something feeds is in it."""

import re
from collections.abc import Iterator, Sequence

from cockpit.settings.file.schema_beside import PLAN_DIRECTIVE
from cockpit.setup.outcome import Outcome
from cockpit.setup.text.risks import risks
from cockpit.setup.text.words import note, pairs, value
from sessions.text.clean import clean

_SLUG = re.compile(r"[^a-z0-9]+")


def plan_text(found: Outcome) -> str:
    """Return the whole file."""
    parts = (_head, _windows, _preflight, _phases, _criteria, _growth, risks, _week)
    return "\n".join(line for part in parts for line in part(found)) + "\n"


def holds(found: Outcome, part: str) -> bool:
    """Whether a part of a database was found."""
    return found.database is not None and part in found.database.parts


def _head(found: Outcome) -> Iterator[str]:
    yield PLAN_DIRECTIVE
    yield from note(
        "The plan of this rollout. cockpit new copies it into the session. Before the first phase cockpit adopt"
    )
    yield from note("takes an edited plan. docs/plan.md explains every key.")
    yield from pairs([("id", _SLUG.sub("-", found.service.lower()).strip("-") or "rollout"), ("title", found.service)])
    yield from pairs([("flag", found.flag.name or found.service)])
    yield ""
    yield from note("p95 and errors of each endpoint are judged. The comments say what was seen when this was written.")
    yield "endpoints = ["
    yield from (f"  {value(one.name)},  # {one.told}" for one in found.endpoints)
    yield "]"
    if found.others:
        yield from note("Seen too, and not judged:")
        yield from (f"#   {value(one.name)},  # {one.told}" for one in found.others[:30])
        left = len(found.others) - 30
        yield from note(f"and {left} more") if left > 0 else ()


def _windows(_found: Outcome) -> Iterator[str]:
    yield from (
        "",
        "# Traffic is judged in windows: the three newest, each with 20 requests, else with those before it.",
    )
    yield from ("[windows]", 'length = "5m"', 'settle = "30s"', "count = 3", "min_requests = 20", 'minute = "1m"')
    yield from ("", "# What proves a phase: so much of its time was watched, and nothing was in breach.", "[soak]")
    yield from ("coverage = 95", 'hole = "30m"', 'tail = "30m"', "", "# How often each kind of source is asked.")
    yield from ("[cadence]", 'traffic = "15s"', 'mongo = "60s"', 'flag = "30s"', 'tick = "1s"', 'traffic_stale = "60s"')
    yield from ('mongo_stale = "3m"', 'flag_stale = "90s"', 'deadline = "5s"', 'data_latency = "5m"')


def _preflight(found: Outcome) -> Iterator[str]:
    yield from ("", "# Confirmed before the first user sees anything.")
    yield from _task("preflight", "assume.latency", "Data latency is under 5 minutes", "monitoring")
    if found.growing:
        yield from _task("preflight", "assume.growth", "Growth bounds fit what is there", "growth")
    if holds(found, "tickets"):
        yield from _task("preflight", "assume.support", "Support knows of the rollout", "queue")


def _phases(found: Outcome) -> Iterator[str]:
    yield from ("", "# A share of users, the least time to stay there, and what is done meanwhile.")
    analytics = [("p1.analytics", "Spot-check the analytics", "analytics")] if found.journeys else []
    growth = [("p2.growth", "Check the growth of the database", "growth")] if found.growing else []
    update = ("p2.update", "Tell stakeholders", "update")
    yield from _phase(10, "Phase 1", "2h", [("p1.monitor", "Live monitoring", "monitoring"), *analytics])
    yield from _phase(25, "Phase 2", "4h", [*growth, update])
    yield from _phase(50, "Phase 3", "6h", [("p3.decision", "End-of-day decision", "decision")])
    yield from _phase(100, "Phase 4", "24h", [("p4.feedback", "Gather feedback", "feedback")])


def _phase(percent: int, title: str, soak: str, tasks: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    yield from ("", "[[phases]]", *pairs([("percent", percent), ("title", title), ("soak", soak)]))
    for task in tasks:
        yield from _task("phases.activities", *task)


def _task(table: str, name: str, text: str, sheet: str) -> Iterator[str]:
    yield f"[[{table}]]"
    yield from pairs([("id", name), ("text", text), ("sheet", sheet)])


def _criteria(found: Outcome) -> Iterator[str]:
    yield from ("", "# p95 of each endpoint in each window; the last minute acts over spike_factor times the bound.")
    if found.edges:
        yield from note(f"The histogram's buckets end at {', '.join(f'{edge:g}' for edge in found.edges)} ms.")
    yield from ("[criteria.latency]", f"p95_ms = {found.p95_ms:g}", "spike_factor = 2")
    yield from ("", "# The share of errors in %, per endpoint and overall; a spike is a minute with so many.")
    yield from ("[criteria.errors]", "share = 1", "spike_errors = 5", "spike_share = 5")
    log = bool(found.alertmanager) or holds(found, "triage")
    yield from (
        "",
        "# Whether a triage log or alerts tell of incidents; without them people do: cockpit incident open.",
    )
    yield from ("[criteria.incidents]", f"log = {value(log)}")
    if found.journeys:
        yield from (
            "",
            "# The longest gap between two events of a journey that has traffic.",
            "[criteria.analytics]",
        )
        yield 'gap = "10m"'
        for one in found.journeys:
            yield from ("[[criteria.analytics.journeys]]", *pairs([("id", one.id), ("endpoints", one.endpoints)]))
    if found.unmatched:
        yield ""
        yield from note(
            f"Events of {', '.join(found.unmatched[:20])} were seen too. Name the endpoints that cause them:"
        )
        yield from note(f"[[criteria.analytics.journeys]] id = {value(found.unmatched[0])} endpoints = [...]")


def _growth(found: Outcome) -> Iterator[str]:
    if found.growing:
        yield ""
        yield "# Collections that the feature fills: per_hour is expected at 100 %, plus or minus tolerance in percent"
        yield "# and slack documents. key names the fields that make two documents the same, for duplicates."
        yield from ("[criteria.growth]", "tolerance = 25", "slack = 20")
        for one in found.growing:
            yield from note(
                f"{one.count:,} documents when this was written, at their pace {one.per_hour:g} an hour at 100 %"
            )
            yield "[[criteria.growth.collections]]"
            yield from pairs([("name", one.name), ("per_hour", one.per_hour), ("key", ()), ("flow", "")])
    if found.grows_anyway:
        yield ""
        rows = ", ".join(f"{clean(one.name, 60)} ({one.per_hour:g} an hour)" for one in found.grows_anyway[:20])
        yield from note(f"These also grow while the flag is at 0 %, so they are not judged: {rows}")


def _week(found: Outcome) -> Iterator[str]:
    yield from (
        "",
        "# After 100 %: a week of looking after it, each task due by local time.",
        "[week]",
        "days = 7",
        'day = "24h"',
    )
    yield from _daily("morning", "Review dashboards and numbers; document findings", "10h", ("sheet", "morning"))
    if all(holds(found, part) for part in ("tickets", "capsules", "returns", "csat")):
        yield from _daily("midday", "Check what is open and what is stuck", "13h", ("sheet", "midday"))
    elif holds(found, "tickets"):
        yield from _daily("midday", "Check the support queue", "13h", ("sheet", "queue"))
    yield from _daily(
        "evening", "Compile the summary for stakeholders", "18h", ("sheet", "evening"), ("does", "report")
    )
    yield from _daily("retrospective", "Retrospective", "17h", ("does", "retrospective"), ("days", (7,)))


def _daily(name: str, text: str, due: str, *more: tuple[str, object]) -> Iterator[str]:
    yield from ("[[week.tasks]]", *pairs([("id", name), ("text", text), ("due", due), *more]))
