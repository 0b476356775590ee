"""The order in which things are looked at and chosen: the numbers, the database, the flag, the alerts."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from cockpit.runtime.errors import BadInputError
from cockpit.settings.models.json_answers import Alertmanager
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.setup.asking import APART, NONE, Chooser, why_no_address, why_no_variable
from cockpit.setup.flag_choice import flag
from cockpit.setup.found import Endpoint, Growing, Records
from cockpit.setup.look.alertmanager import ask_alertmanager
from cockpit.setup.look.database import ask_database
from cockpit.setup.look.records import feeds
from cockpit.setup.outcome import Database, Journey, Outcome, Place, Wanted
from cockpit.setup.places import Numbers, numbers
from cockpit.setup.variant import with_variant
from sessions.text.clean import clean

VARIABLE = "COCKPIT_MONGO_URI"
P95_MS = 500.0
_MOST = 12


class Setup:
    """One setup: the options, who chooses, the environment, and what was not found."""

    def __init__(self, wanted: Wanted, chooser: Chooser, environ: Mapping[str, str], now: datetime) -> None:
        self._wanted, self._chooser, self._environ, self._now = wanted, chooser, environ, now
        self._secrets = Secrets(environ)
        self._notes: list[str] = []

    def scrub(self, text: str) -> str:
        """Return a text without what variables hold."""
        return self._secrets.scrub(text)

    def run(self) -> Outcome | None:
        """Look and choose; None if nothing counts requests. What was not found is said as it comes.

        Raises BadInputError if no endpoint is chosen.
        """
        service = self._wanted.name or self._chooser.word(
            "What is the service called?", _folder(), "A word for the screen."
        )
        found = numbers(self._wanted, self._chooser, self._secrets, self._now)
        self._note(*found.notes)
        database, records = self._database()
        rows = found.traffic.endpoints if found.traffic else (records.requests if records else ())
        if not rows:
            return None
        chosen = self._endpoints(rows)
        if not chosen:
            raise BadInputError("init: no endpoint is left to judge: nothing was written: name one that was asked for")
        place = found.place if found.traffic else Place()
        if not found.traffic:
            self._chooser.say(f"requests are counted in the collection {_log(records)}")
        outcome = Outcome(service, place, chosen, tuple(row for row in rows if row not in chosen))
        outcome = self._bound(outcome, found)
        outcome = self._journeys(outcome, records, found)
        outcome = replace(
            outcome, database=database, flag=flag(self._wanted, self._chooser, self._secrets, service, self._note)
        )
        outcome = self._growth(self._variant(outcome, records), records)
        outcome = self._alerts(_without_what_nobody_uses(outcome))
        return replace(outcome, notes=tuple(self._notes))

    def _note(self, *lines: str) -> None:
        for line in map(self.scrub, lines):
            self._notes.append(line)
            self._chooser.say(f"not found: {line}")

    def _endpoints(self, rows: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
        names = [row.name for row in rows]
        wanted = self._wanted.endpoints
        self._note(
            *(
                f"endpoint {name}: nobody asked for it: seen are {', '.join(names[:6])}"
                for name in wanted
                if name not in names
            )
        )
        default = [name for name in names if name in wanted] if wanted else names[:_MOST]
        if len(names) > _MOST and not wanted:
            self._chooser.say(
                f"{len(names)} endpoints were asked for: the {_MOST} busiest are taken, plan.toml lists the others"
            )
        shown = {f"{row.name}{APART}{row.told}": row for row in rows}
        picked = [line for line, row in shown.items() if row.name in default]
        why = "Each is judged by itself, with its p95 and its errors."
        return tuple(
            shown[line] for line in self._chooser.some("Which endpoints are judged?", list(shown), picked, why)
        )

    def _bound(self, outcome: Outcome, found: Numbers) -> Outcome:
        edges = found.traffic.edges if found.traffic else ()
        if self._wanted.p95_ms is not None:
            bound = self._wanted.p95_ms
        else:
            why = "An endpoint whose p95 is over it in a window of 5 minutes pauses the rollout."
            bound = float(self._chooser.word("Which p95 is the bound, in ms?", f"{P95_MS:g}", why, _why_no_bound))
        if edges and bound not in edges:
            near = sorted(sorted(edges, key=lambda edge: abs(edge - bound))[:3])
            self._note(
                f"no bucket of the histogram ends at {bound:g} ms, a p95 near it is a guess: take one of "
                f"{', '.join(f'{edge:g}' for edge in near)} ms (--p95), or give the histogram that bucket"
            )
        return replace(outcome, p95_ms=bound, edges=edges)

    def _database(self) -> tuple[Database | None, Records | None]:
        name = self._wanted.mongo
        if name is None:
            default = VARIABLE if self._environ.get(VARIABLE) else NONE
            why = "A MongoDB tells of journeys, growth, tickets. Its address, with the password, stays in the variable."
            name = self._chooser.word(
                "Which variable holds the address of your MongoDB?", default, why, why_no_variable
            )
        if name in ("", NONE):
            return None, None
        base = self._wanted.database
        answer = asyncio.run(ask_database(variable(name), base, self._secrets, self._now))
        if answer.others and self._chooser.asks:
            base = self._chooser.word(
                f"Which database? There are {', '.join(answer.others[:10])}.", answer.others[0], "One."
            )
            answer = asyncio.run(ask_database(variable(name), base, self._secrets, self._now))
        self._note(*answer.notes)
        if answer.records is None:
            return None, None
        self._tell(answer.records)
        made = next((row.made for row in answer.records.growing), "")
        records = answer.records
        return Database(name, records.database, records.parts, made, records.doubts), records

    def _variant(self, outcome: Outcome, records: Records | None) -> Outcome:
        if outcome.database is None or records is None:
            return outcome
        database, told = with_variant(outcome.database, records, outcome.flag.name)
        for line in told:
            self._chooser.say(line)
        return replace(outcome, database=database)

    def _tell(self, records: Records) -> None:
        """Say what the database holds."""
        parts = [f"{keys['collection']} ({part})" for part, keys in records.parts.items()]
        grows = [f"{row.name} grows by {row.per_hour:g} an hour" for row in records.growing]
        self._chooser.say(
            f"found: database {records.database}: {', '.join([*parts, *grows]) or 'nothing that is known'}"
        )
        for part, lines in records.doubts.items():
            for line in lines:
                self._chooser.say(f"in doubt: {records.parts[part]['collection']}: {line.text}")

    def _journeys(self, outcome: Outcome, records: Records | None, found: Numbers) -> Outcome:
        """Journeys need the date of their events: a database has it, and a Prometheus whose counters it scrapes."""
        counter = next(iter(found.events), None)
        ids = records.journeys if records else ()
        metric = ("", "")
        if not ids and counter and outcome.place.prometheus:
            ids, metric = counter.values[:_MOST], (counter.name, counter.label)
        elif not ids and counter:
            self._note(
                f"journeys: {counter.name} counts events and not when: a Prometheus, a database or a program can tell"
            )
        names = [row.name for row in outcome.endpoints]
        known = [Journey(each, feeds(each, names)) for each in ids]
        default = [one.id for one in known if one.endpoints]
        why = "A journey has no gap of over 10 minutes between its events while its endpoints have traffic."
        picked = (
            self._chooser.some("Which journeys are watched?", [one.id for one in known], default, why) if known else ()
        )
        chosen = [one if one.endpoints else self._proved(one, names) for one in known if one.id in picked]
        rest = tuple(
            one.id for one in known if one.id not in picked or not next(c.endpoints for c in chosen if c.id == one.id)
        )
        return replace(outcome, journeys=tuple(one for one in chosen if one.endpoints), unmatched=rest, counter=metric)

    def _proved(self, journey: Journey, names: Sequence[str]) -> Journey:
        why = "Its traffic: without it a gap proves nothing."
        return replace(
            journey, endpoints=self._chooser.some(f"Requests of which endpoints make {journey.id}?", names, (), why)
        )

    def _growth(self, outcome: Outcome, records: Records | None) -> Outcome:
        """What grows while the flag is at 0 % does not grow by it; what grows at a share grows by more at 100 %."""
        rows, percent = records.growing if records else (), outcome.flag.percent
        wanted = self._wanted.collections
        self._note(
            *(
                f"collection {name}: does not grow, or is not there"
                for name in wanted
                if name not in {row.name for row in rows}
            )
        )
        if percent:
            rows = tuple(replace(row, per_hour=float(f"{row.per_hour * 100 / percent:.3g}")) for row in rows)
        shown = {f"{row.name}{APART}{row.per_hour:g} an hour at 100 %": row for row in rows}
        anyway = percent == 0 and not wanted
        default = [line for line, row in shown.items() if (row.name in wanted if wanted else not anyway)]
        why = "Those that the feature fills: their growth is held against its share of users."
        picked = (
            self._chooser.some("Which collections does the feature fill?", list(shown), default, why) if rows else ()
        )
        chosen: tuple[Growing, ...] = tuple(shown[line] for line in picked)
        if anyway and rows and not chosen:
            self._chooser.say(
                "what grows does so while the flag is at 0 %, so not by it: name it with --collection if it does"
            )
        return replace(
            outcome, growing=chosen, grows_anyway=tuple(row for row in rows if row not in chosen) if anyway else ()
        )

    def _alerts(self, outcome: Outcome) -> Outcome:
        url = self._wanted.alertmanager
        if url is None:
            why = "Firing alerts count as incidents."
            url = self._chooser.word(
                "Where is your Alertmanager?", NONE, why, lambda text: "" if text == NONE else why_no_address(text)
            )
        if url in ("", NONE):
            return outcome
        token = variable(self._wanted.token) if self._wanted.token else variable("")
        spec = Alertmanager(url=url, token=token) if self._wanted.token else Alertmanager(url=url)
        answer = asyncio.run(ask_alertmanager(spec, self._secrets))
        if answer.why:
            self._note(f"alertmanager: {answer.why}")
            return outcome
        if not answer.heartbeat:
            self._note(
                "alertmanager: no alert that always fires, so nobody is heard: name one with heartbeat in cockpit.toml"
            )
        return replace(outcome, alertmanager=url, heartbeat=answer.heartbeat)


def _without_what_nobody_uses(outcome: Outcome) -> Outcome:
    """A database that answers nothing is no source."""
    base = outcome.database
    if base is None:
        return outcome
    parts = {
        part: keys
        for part, keys in base.parts.items()
        if part != "events" or (outcome.journeys and not outcome.counter[0])
    }
    empty = not outcome.growing and not parts
    return replace(outcome, database=None if empty else replace(base, parts=parts))


def _why_no_bound(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    return "" if 1 <= number <= 1_000_000 else "write a number of ms from 1 to 1,000,000"


def _log(records: Records | None) -> str:
    return str(records.parts["requests"]["collection"]) if records and "requests" in records.parts else "?"


def _folder() -> str:
    return clean(Path.cwd().name, 60) or "service"
