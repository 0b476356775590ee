"""`cockpit doctor`: every source, every query and the flag tried once, with what to do about each weakness."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

from msgspec import Struct

from cockpit.doctor.expected_traffic import expected_traffic
from cockpit.doctor.findings import Examination, Group, as_table, lines, told
from cockpit.doctor.local_checks import activities, files, fine_enough, itself, promises, sheets, unused
from cockpit.doctor.run import examine
from cockpit.flags.opening import open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.http.driver_logging import quieten_drivers
from cockpit.notices.test_message import configured, tried
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import loaded, state_of, with_history
from cockpit.settings.file.load import plan_with
from cockpit.settings.file.locate import find_settings, shown
from cockpit.settings.models.settings import Settings
from cockpit.settings.promises.drift import drift
from cockpit.settings.promises.plan_file import load_plan, plan_beside
from cockpit.settings.schema.secrets import Secrets
from cockpit.settings.schema.walk import secrets_of
from cockpit.settings.trust.gate import settings_in, settings_of
from cockpit.sources.flag import FlagReadBack
from cockpit.sources.opening import Opener, Opening
from cockpit.sources.showing import ShowsOpening, beside_openings
from sessions.state.pending import plan_switches
from sessions.state.reducer import State
from sessions.storage.folders import find
from sessions.text.clean import clean


class Patient(Struct, frozen=True):
    """What is examined: settings, the state whose plan they serve, where they were found, and the session's folder.

    `apart` says what the files promise otherwise than the session.
    """

    subject: str
    settings: Settings
    state: State
    folder: Path | None = None
    apart: str = ""


def doctor(
    which: str | None, config: Path | None, plan: Path | None = None, *, as_json: bool, notify: bool = False
) -> int:
    """Examine a session's sources, without a name those of the settings file; return the exit code.

    The settings are examined with the plan file `plan`; without it, with the one beside them. `notify` sends one
    test message to each place. Raises BadInputError, UntrustedError among it, TableError, FolderError, JournalError.
    """
    found = asyncio.run(_examined(_session(which, config) if which else _settings(config, plan), notify=notify))
    text = json.dumps(as_table(found), indent=2) if as_json else "\n".join(lines(found))
    sys.stdout.write(text + "\n")
    return found.code


def _session(which: str, config: Path | None) -> Patient:
    folder = find(which)
    opened = loaded(folder)
    given = find_settings(config) if config else None
    path = given or opened.wiring.get("settings")
    subject = f"session {clean(folder)}, settings {clean(path) if path else 'of the session itself'}"
    state = with_history(folder, state_of(opened), clock_of(folder).now())
    apart = drift(folder, opened.wiring, state)
    return Patient(subject, settings_of(folder, opened.wiring, given), state, folder, apart)


def _settings(config: Path | None, plan: Path | None) -> Patient:
    path = find_settings(config, plan.absolute().parent if plan else None)
    if path is None:
        raise BadInputError("no cockpit.toml here or above: write one with cockpit init, or name a session")
    settings, by = settings_in(path), plan or plan_beside(path)
    promised = plan_with(path, settings, load_plan(by).table)
    subject = f"settings {clean(shown(path))}, plan {clean(shown(by)) if by else 'of the cockpit itself'}"
    return Patient(subject, settings, State(promised))


async def _examined(patient: Patient, *, notify: bool) -> Examination:
    """Examine all sources at the same time; each is opened, asked and closed separately."""
    clock = clock_of(patient.folder) if patient.folder else Clock()
    secrets, plan = secrets_of(patient.settings, os.environ), patient.state.plan
    quieten_drivers(secrets.scrub)
    await secrets.ready()  # a program that is tried may tell what another prints

    async def of(opening: Opening) -> Sequence[Group]:
        return await examine(await opening.open(), clock.now, secrets.scrub)

    writer = open_writer(patient.settings.flag, wanted_by(lambda: patient.state), secrets)
    flag = FlagReadBack(writer, plan.cadence, plan_switches(plan))
    opener = Opener(patient.settings, plan, secrets)

    async def beside(opening: ShowsOpening) -> Sequence[Group]:
        return await examine([await opening.open_tried()], clock.now, secrets.scrub)

    try:
        groups = await asyncio.gather(
            *(of(opening) for opening in opener.openings()),
            examine([flag], clock.now, secrets.scrub),
            *(beside(opening) for opening in beside_openings(patient.settings, opener.order_for)),
            _places(patient.settings, secrets, clock.now(), notify=notify),
        )
    finally:
        await writer.aclose()
    now = clock.now()
    return Examination(patient.subject, now, (*chain(*groups), *_beside(patient, now)))


async def _places(settings: Settings, secrets: Secrets, now: datetime, *, notify: bool) -> Sequence[Group]:
    """Say of each place for messages how a test message ended, or only that it is configured."""
    if notify:
        return [Group("notices", told(await tried(settings, secrets, now)))]
    return [Group("notices", told(configured(settings, os.environ)))] if settings.notifications.webhooks else []


def _beside(patient: Patient, now: datetime) -> Iterator[Group]:
    """Yield what is examined without asking anybody."""
    if patient.folder is not None:
        yield Group("files", told([*files(patient.state), *promises(patient.apart)]))
    if fine := tuple(fine_enough(patient.settings, patient.state.plan)):
        yield Group("flag", told(fine))
    if expected := tuple(expected_traffic(patient.settings, patient.state, now)):
        yield Group("next phase", told(expected))
    if less := (*unused(patient.settings, patient.state.plan), *sheets(patient.settings, patient.state.plan)):
        yield Group("plan", told(less))
    if patient.settings.activities:
        yield Group("activities", told(activities(patient.settings, patient.state.plan)))
    yield Group("cockpit", told(itself(patient.settings, os.environ, shutil.get_terminal_size(), sys.stdout.encoding)))
