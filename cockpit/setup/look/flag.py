"""Asking where a flag lives: which flags and environments there are, and at how many percent one of them is."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from cockpit.flags.http.client import Call, Line, part
from cockpit.flags.interface.writer import FlagError
from cockpit.flags.opening import Wanted, open_writer
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flag_services import Command, LaunchDarkly, Unleash
from cockpit.settings.schema.secrets import SecretError, Secrets
from cockpit.settings.schema.toml_file import read_text
from sessions.text.clean import clean, shows
from sessions.values.percent import Percent

PATIENCE = 8.0
"""Seconds that all questions together may take."""
_MOST = 200
Place = Session | Flagd | Unleash | LaunchDarkly | Command


class Listed(Struct, frozen=True):
    """The flags and environments found; `why` says why they are unknown."""

    flags: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    why: str = ""


async def ask_flags(place: Place, secrets: Secrets) -> Listed:
    """List the flags of a service; `command` and `session` have no list. Raises nothing."""
    try:
        async with asyncio.timeout(PATIENCE):
            if isinstance(place, Flagd):
                return await asyncio.to_thread(_in_file, place)
            if isinstance(place, Unleash):
                return await _of_unleash(place, secrets)
            return await _of_launchdarkly(place, secrets) if isinstance(place, LaunchDarkly) else Listed()
    except TimeoutError:
        return Listed(why=f"no answer in {PATIENCE:g} s: can it be reached from here?")
    except (FlagError, SecretError, BadInputError) as error:
        return Listed(why=clean(secrets.scrub(str(error)), 200))


async def ask_percent(place: Place, name: str, secrets: Secrets) -> Percent | str:
    """Return the percentage of the flag, or why it is unknown. Raises nothing."""
    if isinstance(place, Session):
        return "it is only recorded"
    writer = open_writer(place, Wanted(name, (), PATIENCE, lambda: (0, ())), secrets)
    try:
        async with asyncio.timeout(PATIENCE):
            percent = (await writer.read(Clock().now())).percent
            return "nobody can tell its percentage" if percent is None else percent
    except TimeoutError:
        return f"no answer in {PATIENCE:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a back end says is a reason, and nothing of it may end this
        return clean(secrets.scrub(str(error)), 200) or type(error).__name__
    finally:
        await writer.aclose()


def _in_file(place: Flagd) -> Listed:
    """A flag that can carry a percentage has a `fractional` rule; those come first."""
    text = read_text(Path(place.file).expanduser(), "flagd file")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Listed(why=f"{clean(place.file, 120)}: is no JSON: name the file that flagd serves")
    flags = document.get("flags") if isinstance(document, dict) else None
    if not isinstance(flags, dict):
        return Listed(why=f"{clean(place.file, 120)}: holds no flags: name the file that flagd serves")
    shared = [name for name, flag in flags.items() if "fractional" in json.dumps(flag)]
    return Listed(tuple(_plain(shared or flags)))


async def _of_unleash(place: Unleash, secrets: Secrets) -> Listed:
    from cockpit.flags.unleash.writer import reach_of

    line = Line(reach_of(place, place.token), secrets, PATIENCE)
    try:
        address = f"{place.url.rstrip('/')}/api/admin/projects/{part(place.project)}/features"
        found = _rows(await line.read(Call("GET", address), line.until()), "features")
    finally:
        await line.aclose()
    places = [row.get("name") for feature in found for row in _rows(feature, "environments")]
    return Listed(tuple(_plain(row.get("name") for row in found)), tuple(_plain(places)))


async def _of_launchdarkly(place: LaunchDarkly, secrets: Secrets) -> Listed:
    from cockpit.flags.launchdarkly.writer import reach_of

    line, project = Line(reach_of(place), secrets, PATIENCE), part(place.project)
    try:
        base = f"{place.url.rstrip('/')}/api/v2"
        flags = await line.read(Call("GET", f"{base}/flags/{project}?limit={_MOST}&summary=true"), line.until())
        places = await line.read(Call("GET", f"{base}/projects/{project}/environments?limit=50"), line.until())
    finally:
        await line.aclose()
    keys, names = (tuple(_plain(row.get("key") for row in _rows(answer, "items"))) for answer in (flags, places))
    return Listed(keys, names)


def _rows(document: Any, key: str) -> Sequence[Mapping[str, Any]]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _plain(names: Any) -> Iterator[str]:
    """Yield each name once that can be written and shown."""
    seen = dict.fromkeys(name for name in names if isinstance(name, str) and clean(name, 120) == name and shows(name))
    yield from list(seen)[:_MOST]
