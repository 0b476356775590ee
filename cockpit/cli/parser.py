"""Words typed wrong: one line that says what, and what was meant, instead of a page of usage."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cockpit.runtime.errors import BadInputError

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser that refuses with one line. Raises BadInputError."""

    def __init__(self, prog: str, **facts: Any) -> None:
        self._width: int | None = 80
        super().__init__(prog, allow_abbrev=False, **facts)

    def commands(self, *, required: bool = False) -> "Commands":
        """Return where commands are added."""
        return Commands(self.add_subparsers(title="commands", metavar="COMMAND", required=required))

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Read all words, or refuse the first that is left over.

        A session may also be named after options that follow other words, where its place was taken for empty.
        """
        asked, extra = self.parse_known_args(words)
        if extra and not extra[0].startswith("-") and getattr(asked, "session", "none asked for") is None:
            asked.session = extra.pop(0)
        if extra:
            asked.parser.refuse(extra[0])
        return asked

    def refuse(self, word: str) -> NoReturn:
        """Refuse a word that means nothing here."""
        if word.startswith("-"):
            self.error(f"No such option: {word}{_near(word, self._option_string_actions)}")
        self.error(f"Got unexpected extra argument ({word}).")

    def error(self, message: str) -> NoReturn:
        """Refuse."""
        said = message.replace("the following arguments are required:", "Missing argument")
        end = "" if said.endswith((".", "?")) else "."
        raise BadInputError(f"{said}{end} See {self.prog.split()[0]} --help")

    def format_help(self) -> str:
        """Begin like a sentence, and list commands as options are listed."""
        self._width = None
        above, title, commands = super().format_help().partition("commands:\n  COMMAND\n")
        return above[:1].upper() + above[1:] + title.removesuffix("  COMMAND\n") + commands.replace("\n  ", "\n")[2:]

    def _get_formatter(self) -> argparse.HelpFormatter:
        """Only help that is printed asks how wide the terminal is: a formatter is made for every option, too."""
        return argparse.HelpFormatter(self.prog, width=self._width)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        if action.option_strings:
            known = ", ".join(map(str, action.choices))
            self.error(f"{action.option_strings[0]} '{value}': write one of {known}.")
        else:
            self.error(f"No such command '{value}'.{_near(str(value), action.choices)}")


class Commands:
    """Where commands are added to a parser."""

    def __init__(self, made: "argparse._SubParsersAction[Parser]") -> None:
        self._made = made

    def command(self, name: str, text: str, run: Run, *, only_tells: bool = False) -> Parser:
        """Add a command that does `run`; `only_tells` where what it prints is all that it is for."""
        parser = self._made.add_parser(name, help=text, description=text[:1].upper() + text[1:] + ".")
        parser.set_defaults(run=run, parser=parser, only_tells=only_tells)
        return parser

    def group(self, name: str, text: str) -> "Commands":
        """Add a command that only has commands of its own."""
        parser = self._made.add_parser(name, help=text, description=text[:1].upper() + text[1:] + ".")
        return parser.commands(required=True)


def number(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number within `low`..`high`."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"write a number from {low:g} to {high:g}.")
        return value

    return read


def _near(word: str, known: Iterable[str]) -> str:
    import difflib  # only who mistyped waits for it

    found = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean '{found[0]}'?" if found else ""


def on_config(command: Parser, text: str) -> None:
    """Give a command the option `--config`."""
    command.add_argument("--config", type=Path, metavar="FILE", help=text)


def on_session(commands: Commands, name: str, text: str, run: Run, *, only_tells: bool = False) -> Parser:
    """Add a command that is about a session."""
    command = commands.command(name, text, run, only_tells=only_tells)
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the newest")
    return command


HELD, NOT_MOVED, LOST = 10, 20, 1
"""Nothing was done; the flag is not where it was to be; done, and written down nowhere."""

Adding = Mapping[Callable[[Commands], None], tuple[str, ...]]
"""What adds commands, and which ones: only the one that is asked for is made."""
