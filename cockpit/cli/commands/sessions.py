"""`cockpit new` and `cockpit sessions`."""

import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from cockpit.cli.main import version_text
from cockpit.cli.trust.command import tell, trust_now
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.load import plan_with
from cockpit.settings.file.locate import NAME, find_settings, shown
from cockpit.settings.file.schema_beside import lay_beside
from cockpit.settings.file.starter import write_starter
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.promises.plan_file import load_plan, plan_beside
from cockpit.settings.schema.fields import why_no_url
from cockpit.settings.trust.act import Candidate, candidate_of, trust_wiring
from cockpit.settings.trust.own_text import UntrustedError
from sessions.plan.floors import floors
from sessions.plan.loader import scaled
from sessions.plan.model import Plan
from sessions.storage.folders import create_folder, given_back, sessions
from sessions.storage.glance import is_concluded
from sessions.storage.journal import Journal, create
from sessions.text.clean import clean
from sessions.values.entries import Draft


class NewSession(Struct, frozen=True):
    """What the command line asks for: `wiring` is what its own options say of sources and flag."""

    name: str
    plan_file: Path | None
    config: Path | None
    wiring: Wiring
    speed: float


def new_session(new: NewSession) -> int:
    """Make a session's folder and its first entry, and a starter settings file where nothing says anything yet.

    Raises BadInputError, TableError, FolderError.
    """
    for address in new.wiring.metrics:
        _check_address(address)
    found = _settings_file(new)
    taken = new.plan_file or plan_beside(found)
    plan = load_plan(taken)
    candidate = candidate_of(found) if found else None
    plan = plan_with(found, candidate.settings, plan.table) if found and candidate else plan
    plan = scaled(plan, new.speed) if new.speed != 1 else plan
    folder = create_folder(new.name)
    with given_back(folder):
        starter = None if found or new.wiring != Wiring() else _starter(Path.cwd() / NAME)
        path = found or starter
        _trust(candidate)
        by = str(taken.absolute()) if taken else ""
        begin(folder, new.name, plan, replace(new.wiring, settings=str(path) if path else "", plan=by))
    wrote = f"wrote {NAME}: name your sources there\n" if starter else ""
    fast = f"at speed {new.speed:g} these cannot be shorter: {held}\n" if (held := floors(plan)) else ""
    with_it = f"with the settings of {clean(shown(found))}\n" if found else ""
    promised = f"by the plan of {clean(shown(taken)) if taken else 'the cockpit itself'}: {clean(plan.title, 80)}\n"
    sys.stdout.write(f"{clean(folder)}\n{wrote}{promised}{with_it}{fast}open it with: cockpit open {clean(new.name)}\n")
    return 0


def _trust(candidate: Candidate | None) -> None:
    """Show what the settings would run and ask, and trust them: who makes a session with them means them."""
    if candidate is not None and not candidate.known:
        tell(candidate)
        trust_now(candidate)


def _starter(path: Path) -> Path | None:
    """Write the starter, which says nothing yet and is trusted; None if it cannot be, or others could edit it."""
    if write_starter(path) is None:
        return None
    try:
        candidate_of(path).trust(Clock().now())
    except UntrustedError as error:
        path.unlink()
        streams.complain(f"cockpit: {error}; so none was written\n")
        return None
    lay_beside(path)
    return path


def _settings_file(new: NewSession) -> Path | None:
    """Return the settings file that is meant. Raises BadInputError if options say the same thing too."""
    found = find_settings(new.config)
    said = new.wiring
    options = {"--metrics": said.metrics, "--database": said.database, "--flag-file": said.flag_file}
    if found and (given := [name for name, value in options.items() if value]):
        raise BadInputError(
            f"{' and '.join(given)}: {found} names the sources already: change it there, or leave the option out"
        )
    return found


def _check_address(address: str) -> None:
    """Refuse what cannot be asked, and a secret: the session file is read by many. Raises BadInputError."""
    if why := why_no_url(address):
        raise BadInputError(f"--metrics {_place(address)}: {why}: write http://host:port/metrics")


def _place(address: str) -> str:
    """Return the host alone, where there may be a password before it."""
    try:
        return clean(urlsplit(address).hostname or "", 80) or "?"
    except ValueError:
        return "?"


def begin(folder: Path, name: str, plan: Plan, wiring: Wiring) -> None:
    """Write the header and the first entry of a session in an existing folder; its maker trusts its wiring.

    Raises JournalError, OSError.
    """
    now = Clock().now()
    path = folder / "session.toml"
    trust_wiring(folder, wiring, now)
    create(path, name, plan.table, now, wiring.table(), written_by=version_text())
    journal = Journal(path)
    journal.open(now)
    try:
        text = f"session {name} started, plan {plan.title}"
        journal.append([Draft("session.started", "owner", text, {"name": name, "plan": plan.id})], phase=0, now=now)
    finally:
        journal.close()


def list_sessions() -> int:
    """Print a line per session, newest first."""
    rows = sessions()
    if not rows:
        sys.stdout.write(
            "no sessions yet: set one up with cockpit init, then cockpit new NAME, or look around with cockpit demo\n"
        )
    for name, path, changed in rows:
        done = "  concluded" if is_concluded(path) else ""
        sys.stdout.write(f"{_local(changed)}  {clean(name, 40):<40}  {clean(path)}{done}\n")
    return 0


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
