"""`cockpit new` and `cockpit sessions`."""

import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cockpit.clock import Clock
from cockpit.commands.plans import load_plan
from cockpit.errors import BadInputError
from cockpit.wiring import Wiring
from sessions.clean import clean
from sessions.entries import Draft
from sessions.folder import create_folder, sessions
from sessions.journal import Journal, create
from sessions.plan import Plan
from sessions.planfile import scaled


def new_session(name: str, plan_file: Path | None, wiring: Wiring, speed: float) -> int:
    """Make a session's folder and its first entry. Raises BadInputError, TableError, FolderError."""
    for address in wiring.metrics:
        _check_address(address)
    plan = load_plan(plan_file)
    plan = scaled(plan, speed) if speed != 1 else plan
    folder = create_folder(name)
    begin(folder, name, plan, wiring)
    sys.stdout.write(f"{folder}\nopen it with: cockpit open {clean(name)}\n")
    return 0


def _check_address(address: str) -> None:
    """Refuse what cannot be asked, and a secret: the session file is read by many. Raises BadInputError."""
    todo = "write http://host:port/metrics"
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise BadInputError(f"--metrics {clean(address, 80)}: is no address: {todo}")
    if parts.username is not None or parts.password is not None:
        raise BadInputError(f"--metrics {parts.hostname}: holds a user or a password: {todo}")


def begin(folder: Path, name: str, plan: Plan, wiring: Wiring) -> None:
    """Write the header and the first entry of a session in an existing folder. Raises JournalError."""
    now = Clock().now()
    path = folder / "session.toml"
    create(path, name, plan.table, now, wiring.table())
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
        sys.stdout.write("no sessions yet: start one with cockpit new NAME, or look around with cockpit demo\n")
    for name, path, changed in rows:
        sys.stdout.write(f"{_local(changed)}  {clean(name, 40):<40}  {clean(path)}\n")
    return 0


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
