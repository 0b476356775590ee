"""Where the flag lives, and which flag it is: by the command line, else by a person, out of what its back end lists."""

import asyncio
import difflib
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from cockpit.setup.asking import Chooser, why_no_address, why_no_program, why_no_variable
from cockpit.setup.look.flag import Listed, Place, ask_flags, ask_percent
from cockpit.setup.outcome import FlagPlace, Wanted
from sessions.plan.strict_table import Table

KINDS = ("session", "flagd", "unleash", "launchdarkly", "command")
TOKENS = {"unleash": "UNLEASH_TOKEN", "launchdarkly": "LAUNCHDARKLY_TOKEN"}
LAUNCHDARKLY = "https://app.launchdarkly.com"

Note = Callable[[str], None]


def flag(wanted: Wanted, chooser: Chooser, secrets: Secrets, service: str, note: Note) -> FlagPlace:
    """Return the flag's place and name; what cannot be read or listed is noted, and can be mended in the file."""
    kind = wanted.flag_kind or chooser.word(
        "Where does the flag live?", "session", f"One of {', '.join(KINDS)}.", _why_no_kind
    )
    keys = _keys(kind, wanted, chooser)
    place = _place(kind, keys)
    listed = asyncio.run(ask_flags(place, secrets))
    if listed.why:
        note(f"flag: {kind}: {listed.why}")
    if listed.environments and (chosen := _environment(keys, listed, wanted, chooser, note)) != keys.get("environment"):
        keys = {**keys, "environment": chosen}
        place = _place(kind, keys)
    name = _name(wanted, listed, chooser, service, note)
    percent = asyncio.run(ask_percent(place, name, secrets)) if kind != "session" and not listed.why else None
    if isinstance(percent, str):
        note(f"flag {name}: {percent}")
    elif percent is not None:
        chooser.say(f"found: flag {name} of {kind} at {percent} %")
    return FlagPlace(kind, keys, name, percent if isinstance(percent, int) else None)


def _why_no_kind(text: str) -> str:
    return "" if text in KINDS else f"write one of {', '.join(KINDS)}; http is written by hand, see docs/flags.md"


def _keys(kind: str, wanted: Wanted, chooser: Chooser) -> Mapping[str, object]:
    """Return the keys of `[flag]` beside its kind, as the file will say them."""
    if kind == "flagd":
        given = str(wanted.flag_file) if wanted.flag_file else ""
        file = given or chooser.word("Which file does flagd serve?", "flags.json", "Its JSON, by its path.")
        whole = os.path.normpath(Path(file).expanduser().absolute())
        return {"file": whole, **({"serving": wanted.flag_url} if wanted.flag_url else {})}
    if kind in TOKENS:
        usual = LAUNCHDARKLY if kind == "launchdarkly" else "http://127.0.0.1:4242"
        url = wanted.flag_url or chooser.word(f"Where is {kind}, without /api?", usual, "Its address.", why_no_address)
        token = wanted.flag_token or chooser.word(
            "Which variable holds its token?", TOKENS[kind], "The token stays there.", why_no_variable
        )
        environment = wanted.flag_environment or "production"
        return {"url": url, "token": f"${{{token}}}", "project": wanted.flag_project, "environment": environment}
    if kind == "command":
        said = (
            ("Which program prints the share?", "flagctl get", "With its words, without a shell."),
            ("Which program sets it?", "flagctl set {percent}", "With {percent} among its words."),
        )
        read, write = (
            given or chooser.word(*words, why_no_program)
            for given, words in zip((wanted.flag_read, wanted.flag_write), said, strict=True)
        )
        return {"read": tuple(shlex.split(read)), "write": tuple(shlex.split(write))}
    return {}


def _place(kind: str, keys: Mapping[str, object]) -> Place:
    """Return the place as the settings will read it."""
    plain = {key: list(said) if isinstance(said, tuple) else said for key, said in keys.items()}
    place: Place = read(PLACES[kind], Table(plain))
    return place


def _environment(keys: Mapping[str, object], listed: Listed, wanted: Wanted, chooser: Chooser, note: Note) -> str:
    """An environment that is there; `production` where it is, else the first."""
    known, said = listed.environments, str(keys.get("environment", ""))
    if wanted.flag_environment:
        if said not in known:
            note(f"flag: no environment {said}: there are {', '.join(known[:6])}: set environment in cockpit.toml")
        return said
    default = said if said in known else known[0]
    return (
        chooser.word(f"Which environment? There are {', '.join(known[:8])}.", default, "One.")
        if len(known) > 1
        else default
    )


def _name(wanted: Wanted, listed: Listed, chooser: Chooser, service: str, note: Note) -> str:
    """The flag's name: what is named, the only one there is, else what is like the service's."""
    if wanted.flag_key:
        if listed.flags and wanted.flag_key not in listed.flags:
            near = difflib.get_close_matches(wanted.flag_key, listed.flags, n=3) or listed.flags[:6]
            note(f"flag {wanted.flag_key}: is not there: there are {', '.join(near)}: set flag in plan.toml")
        return wanted.flag_key
    near = difflib.get_close_matches(service, listed.flags, n=1, cutoff=0.3)
    guess = (near or list(listed.flags[:1]) or [service])[0]
    if chooser.asks:
        there = f" There are {', '.join(listed.flags[:12])}." if listed.flags else ""
        return chooser.word(f"What is the flag called?{there}", guess, "Its name in its back end.")
    if len(listed.flags) > 1:
        there = ", ".join(listed.flags[:6])
        note(f"flag: {len(listed.flags)} are there, {guess} is taken: {there}: name one with --flag-key")
    return guess


def why_no_flag(wanted: Wanted) -> str:
    """Say what the command line lacks of a flag's place; empty if it is whole, or a person is asked."""
    needs = {"flagd": ("flag_file",), "unleash": ("flag_url",), "command": ("flag_read", "flag_write")}
    for key in needs.get(wanted.flag_kind or "", ()):
        if not getattr(wanted, key):
            return f"--flag-kind {wanted.flag_kind} needs --{key.replace('_', '-')}"
    if wanted.flag_kind is None and any((wanted.flag_url, wanted.flag_file, wanted.flag_read, wanted.flag_write)):
        return f"say with --flag-kind where the flag lives: {', '.join(KINDS)}"
    programs = {"--flag-read": wanted.flag_read, "--flag-write": wanted.flag_write}
    faults = (f"{option}: {why_no_program(said)}" for option, said in programs.items() if said and why_no_program(said))
    return next(faults, "")
