"""`cockpit init`: a plan and settings for a service, from what it finds; it asks a person, if there is one."""

import os
import sys
from pathlib import Path

from cockpit.cli.trust.command import tell
from cockpit.http.driver_logging import quieten_drivers
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.locate import NAME as SETTINGS
from cockpit.settings.models.mongo import why_no_database
from cockpit.settings.trust.act import candidate_of
from cockpit.setup.asking import NONE, Interview, Taker, why_no_address, why_no_variable
from cockpit.setup.files import refuse_taken, write_both
from cockpit.setup.flag_choice import why_no_flag
from cockpit.setup.flow import Setup
from cockpit.setup.outcome import Outcome, Wanted
from sessions.text.clean import clean, shows

NOTHING = 20
"""The exit code where nothing counts requests: there is nothing to judge, and nothing was written."""


def init(wanted: Wanted, *, take_all: bool) -> int:
    """Look, choose and write; return the exit code. With `take_all`, or with any source named, nobody is asked.

    Raises BadInputError.
    """
    folder = Path.cwd()
    refuse_taken(folder)
    _check(wanted)
    said = wanted.metrics or wanted.prometheus or wanted.mongo
    asks = not (said or take_all)
    if asks and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInputError(
            "init: there is no terminal to ask you: name a source with --metrics, --prometheus or --mongo"
        )
    now = Clock().now()
    if asks:
        streams.say("Enter takes what is in brackets, ? explains; nothing is written until the end.\n")
    setup = Setup(wanted if asks else _settled(wanted), Interview() if asks else Taker(), os.environ, now)
    quieten_drivers(setup.scrub)
    outcome = setup.run()
    if outcome is None:
        streams.complain("cockpit: init: no source counts requests, so nothing can be judged: nothing was written\n")
        return NOTHING
    write_both(folder, outcome, now)
    tell(candidate_of(folder / SETTINGS))
    streams.say("".join(f"{line}\n" for line in _told(outcome)))
    return 0


def _settled(wanted: Wanted) -> Wanted:
    """Where nobody is asked, what is not named is not there."""
    from msgspec.structs import replace

    name = wanted.name or clean(Path.cwd().name, 60) or "service"
    mongo, alerts = wanted.mongo or NONE, wanted.alertmanager or NONE
    kind, bound = wanted.flag_kind or "session", wanted.p95_ms or 500.0
    return replace(wanted, name=name, mongo=mongo, alertmanager=alerts, flag_kind=kind, p95_ms=bound)


def _check(wanted: Wanted) -> None:
    """Refuse what cannot be asked. Raises BadInputError."""
    named = wanted.name
    if named is not None and (clean(named, 60) != named or not shows(named)):
        raise BadInputError(
            f"init {clean(named, 60)}: is not a name: write what the service is called, at most 60 letters"
        )
    if wanted.metrics and wanted.prometheus:
        raise BadInputError("--metrics and --prometheus: write only one of them")
    asked: list[tuple[str, str | None]] = [("--metrics", url) for url in wanted.metrics]
    asked += [
        ("--prometheus", wanted.prometheus),
        ("--alertmanager", wanted.alertmanager),
        ("--flag-url", wanted.flag_url),
    ]
    for option, url in asked:
        if url and url != NONE and (why := why_no_address(url)):
            raise BadInputError(f"{option}: {why}")
    for option, name in (("--mongo", wanted.mongo), ("--token", wanted.token), ("--flag-token", wanted.flag_token)):
        if name and (why := why_no_variable(name)):
            raise BadInputError(f"{option}: {why}")
    if wanted.database and (why := why_no_database(wanted.database)):
        raise BadInputError(f"--database: {why}: write its plain name")
    if why := why_no_flag(wanted):
        raise BadInputError(f"{why}: see cockpit init --help")


def _told(outcome: Outcome) -> list[str]:
    """Say what was written, what is judged by it, and what comes next."""
    counts = (("endpoint", outcome.endpoints), ("journey", outcome.journeys), ("growing collection", outcome.growing))
    parts = [f"{len(rows)} {noun}{'s'[: len(rows) != 1]}" for noun, rows in counts if rows]
    lines = [
        f"wrote plan.toml: p95 <= {outcome.p95_ms:g} ms and errors < 1 %, {', '.join(parts)}; and cockpit.toml, trusted"
    ]
    if outcome.notes:
        lines.append(
            f"{len(outcome.notes)} not found, see above; both files can be edited: docs/plan.md, docs/settings.md"
        )
    name = clean(outcome.service, 60)
    quoted = name if name.replace("-", "").isalnum() else f'"{name}"'
    return [*lines, f"next: cockpit doctor, then cockpit new {quoted}, then cockpit open {quoted}"]
