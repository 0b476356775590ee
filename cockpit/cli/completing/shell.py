"""Completion in bash, zsh and fish: on tab the shell asks the command's own parser for the candidates."""

import os
import sys
from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sessions.text.clean import clean, shows

if TYPE_CHECKING:
    from sessions.plan.model import Plan

MOST = 500
"""So many names are offered at most."""

Words = Callable[[Namespace], Iterable[str]]


def print_script(shell: str) -> int:
    """Print what a shell must read to complete words of the cockpit."""
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(f"{shellcode(['cockpit'], shell=shell).strip()}\n")
    return 0


def answer(parser: ArgumentParser) -> None:
    """Answer the shell that asks, and end; after any error the answer is empty."""
    import argcomplete
    from argcomplete.completers import SuppressCompleter

    for command, action in _actions(parser, ""):
        if words := _words_of(command, action):
            action.completer = words  # type: ignore[attr-defined]
    try:
        argcomplete.autocomplete(parser, default_completer=SuppressCompleter())
    finally:  # whatever happened, the command itself does not run
        os._exit(1)


def _actions(parser: ArgumentParser, command: str) -> Iterator[tuple[str, Action]]:
    """Yield every option and place of a word, with the command that it belongs to."""
    for action in parser._actions:  # noqa: SLF001 (a parser tells its words in no other way)
        if isinstance(action, _SubParsersAction):
            for name, inner in action.choices.items():
                yield from _actions(inner, f"{command} {name}".strip())
        else:
            yield command, action


def _words_of(command: str, action: Action) -> Callable[..., Iterable[str]] | None:
    """Return what completes a word; None if nothing does, or if argparse knows the choices."""
    if action.type is Path:
        from argcomplete.completers import FilesCompleter

        return FilesCompleter()
    found = _BY_COMMAND.get((command, action.dest)) or _BY_NAME.get(action.dest)
    return None if found is None else _Completer(found)


class _Completer:
    """Offers words that a terminal can show; a session that cannot be read offers none."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, parsed_args: Namespace, **_facts: object) -> list[str]:
        """Return the words that stand for choice."""
        try:
            words = list(self._words(parsed_args))
        except Exception:  # noqa: BLE001 - nothing may disturb a line that is being typed
            return []
        return [word for word in words if clean(word) == word and shows(word)][:MOST]


def _sessions(_asked: Namespace) -> Iterable[str]:
    from sessions.storage.folders import sessions

    return (name for name, _, _ in sessions())


def _scenarios(_asked: Namespace) -> Iterable[str]:
    from cockpit.demo.world.scenarios import SCENARIOS

    return SCENARIOS


def _plan(asked: Namespace) -> "Plan":
    """Return the plan of the session that is named so far, else of the newest."""
    from sessions.plan.loader import plan_from
    from sessions.storage.glance import glance

    return plan_from(glance(getattr(asked, "session", None)).head.plan, [])


def _tasks(asked: Namespace) -> Iterable[str]:
    plan = _plan(asked)
    yield from (task.id for phase in plan.phases for task in phase.activities)
    yield from (f"d{day}.{task.id}" for task in plan.week.tasks for day in task.days)


def _steps(asked: Namespace) -> Iterable[str]:
    return (f"{risk.id}.{step.id}" for risk in _plan(asked).risks for step in risk.steps)


def _tasks_and_steps(asked: Namespace) -> Iterable[str]:
    return (*_tasks(asked), *_steps(asked))


def _flows(asked: Namespace) -> Iterable[str]:
    return (flow.id for flow in _plan(asked).flows)


def _risks(asked: Namespace) -> Iterable[str]:
    return (risk.id for risk in _plan(asked).risks)


def _percentages(asked: Namespace) -> Iterable[str]:
    return (f"{phase.percent}" for phase in _plan(asked).phases[1:])


def _criteria(_asked: Namespace) -> Iterable[str]:
    from sessions.values.verdicts import CRITERIA

    return CRITERIA


_BY_NAME: dict[str, Words] = {
    "session": _sessions,
    "scenario": _scenarios,
    "task": _tasks,
    "to": _percentages,
    "decision": lambda _: ("go", "hold", "revert"),
    "tone": lambda _: ("good", "mixed", "bad"),
    "severity": lambda _: ("P0", "P1", "P2", "P3"),
}
_BY_COMMAND: dict[tuple[str, str], Words] = {
    ("task tick", "subject"): _tasks,
    ("task untick", "subject"): _tasks,
    ("task look", "task"): _tasks_and_steps,
    ("step", "subject"): _steps,
    ("freeze", "subject"): _flows,
    ("thaw", "subject"): _flows,
    ("defuse", "subject"): _risks,
    ("extend", "subject"): _risks,
    ("waive", "subject"): _criteria,
    ("trust", "what"): _sessions,
    ("export", "format"): lambda _: ("md", "html", "json"),
    ("export", "since"): lambda _: ("last",),
    ("status", "since"): lambda _: ("last",),
}
