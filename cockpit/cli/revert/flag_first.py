"""`cockpit revert`: find the phase, read the flag, lower it, read it back, then write the log.

Nothing else is opened, loaded or judged before the flag is lowered. The intent is set aside first, so that a revert
that dies half-way is known. The log is written afterwards; an entry that it does not take stays set aside.
"""

import asyncio
import os
from pathlib import Path
from secrets import token_hex

from msgspec import Struct

from cockpit.cli.parser import HELD
from cockpit.flags.interface.writer import FlagWriter, deadline_of
from cockpit.flags.opening import Wanted, open_writer
from cockpit.moves.intent import intent
from cockpit.moves.turn import SHORT, turn
from cockpit.moves.write import Order, Outcome, Read, move_at_last, read_now
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.person import person
from cockpit.settings.file.locate import find_settings
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.settings.trust.last_trusted import Trusted, flag_trusted
from sessions.actions.decision import found_lower, reverted
from sessions.plan.strict_table import TableError
from sessions.storage.disk import DISK, FileOps
from sessions.storage.glance import Glance, glance, phase_of
from sessions.storage.locks import WatchLock
from sessions.storage.spool import Spool
from sessions.text.clean import clean
from sessions.values.entries import Unwritten, signed, unwritten
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.requests import Act, Request

BY = "cli"
DEADLINE = 5.0
"""Seconds that one call of the flag's back end may take."""
REST = 10.0
"""Seconds between two tries of a revert that is not done."""


class Way(Struct, frozen=True):
    """What a revert needs: the session's state, the flag writer, the spool for entries, the reason."""

    seen: Glance
    writer: FlagWriter
    spool: Spool
    reason: str

    @property
    def cause(self) -> str:
        """The reason, or that there was none."""
        return clean(self.reason, 500).strip() or "by hand"


class Tried(Struct, frozen=True):
    """One try: its intent, what the flag was read at before, where it was to go, and how that went."""

    intent: Unwritten
    read: Read
    percent: Percent
    outcome: Outcome

    @property
    def name(self) -> str:
        """The name of the intent."""
        return str(self.intent.draft.facts["intent"])


def revert(
    which: str | None, reason: str = "", config: Path | None = None, *, dry_run: bool = False, files: FileOps = DISK
) -> int:
    """Revert a session, say what became of it, and return the exit code.

    Raises BadInputError, FolderError, JournalError and TableError if that is unknown which flag is meant.
    """
    seen = glance(which, files)
    request = Request(Act.REVERT, BY, reason=reason)
    if dry_run:
        from cockpit.cli.commands.act import act

        return act(request, which, config, dry_run=True, files=files)
    trusted, writer = _writer(seen, config, files)
    if not writer.moves:
        from cockpit.cli.commands.act import act
        from cockpit.settings.models.settings import Settings

        return act(request, which, files=files, settings=Settings(flag=trusted.flag))
    for note in (*([f"{seen.folder.name}, the newest session"] if which is None else []), *seen.notes):
        _tell(note)
    return asyncio.run(_reverted(Way(seen, writer, Spool(seen.folder, seen.head.created.isoformat(), files), reason)))


def _writer(seen: Glance, config: Path | None, files: FileOps) -> tuple[Trusted, FlagWriter]:
    """Open the writer of the flag that the owner trusts, and tell what is odd about it. Raises BadInputError."""
    wanted = Wanted(seen.flag, (), DEADLINE, lambda: (seen.phase, ()))
    try:
        given = find_settings(config) if config else None
        trusted = flag_trusted(seen.folder, seen.head.wiring, given, files)
    except (BadInputError, TableError) as error:
        by_hand = f"set flag {clean(seen.flag, 80)} to {seen.before} % by hand, or name settings by --config"
        raise BadInputError(f"NOT reverted, {by_hand}: {error}") from None
    for note in trusted.notes:
        _tell(note)
    return trusted, open_writer(trusted.flag, wanted, Secrets(os.environ).foreseeing(map(variable, trusted.names)))


async def _reverted(way: Way) -> int:
    clock = clock_of(way.seen.folder)
    lock = await turn(way.seen.folder, clock, SHORT, way.spool.files)
    try:
        tried = await _tried(way, clock)
        if tried is None:
            _tell("nothing to revert: the flag is at 0 %")
            return HELD
        _say_of(tried, way)
        if tried.outcome.status != FlagStatus.CONFIRMED:  # whoever else can, shall
            lock.release()
            lock = WatchLock(False)
        from cockpit.cli.revert.log_after import entered

        return await entered(way, tried)
    finally:
        lock.release()
        await way.writer.aclose()


async def _tried(way: Way, clock: Clock) -> Tried | None:
    """Read, write, read back; None if the flag is down already in the pre-flight."""
    seen, writer = way.seen, way.writer
    read = await read_now(writer, clock.now(), deadline_of(writer, DEADLINE))
    if seen.phase == 0 and read.percent == 0:
        return None
    percent = seen.before if read.percent is None else min(seen.before, read.percent)
    draft = intent(f"r{token_hex(4)}", BY, read.percent, percent, seen.phase, writer.name, way.cause)
    item = unwritten(signed(draft, person()), seen.phase, clock.now())
    way.spool.keep([item])
    order = Order(percent, comment="cockpit revert")
    outcome = await move_at_last(writer, order, clock.now, deadline_of(writer, DEADLINE))
    return Tried(item, read, percent, outcome)


def _say_of(tried: Tried, way: Way) -> None:
    """Say what became of the flag, before anything else is looked at."""
    outcome, percent, seen = tried.outcome, tried.percent, way.seen
    if tried.read.value is None:
        _tell(f"the flag could not be read before: {tried.read.why}")
    if outcome.status == FlagStatus.CONFIRMED:
        late = f", written and not served yet: {outcome.unserved}" if outcome.unserved else ""
        cause = found_lower(way.cause, percent) if tried.read.percent == percent < seen.before else way.cause
        done = reverted(seen.phase, phase_of(seen.head.plan, percent), percent, cause)
        streams.say(f"{clean(done + late, 1000)}\n")
        return
    _tell(f"REVERT NOT DONE: flag move to {percent} % {outcome.status}: {outcome.reason}")
    for line in ("by hand:", *way.writer.by_hand(percent)):
        _tell(line)


def _tell(text: str) -> None:
    streams.complain(f"cockpit: {clean(text, 2000)}\n")
