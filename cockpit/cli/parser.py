"""The parser of the command line. It refuses a wrong word with one line, not with a page of usage."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cockpit.runtime.errors import BadInputError

Run = Callable[[argparse.Namespace], int]


class Lines(argparse.HelpFormatter):
    """Breaks lines only between words, so that an option or a name stays whole."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        import textwrap  # imported only for help that is printed

        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(f"{indent}{line}" for line in self._split_lines(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """A parser that refuses with one line. Raises BadInputError."""

    def __init__(self, prog: str, **facts: Any) -> None:
        self._width: int | None = 80
        super().__init__(prog, allow_abbrev=False, **facts)
        self._positionals.title = "arguments"

    def commands(self, *, required: bool = False) -> "Commands":
        """Return where commands are added."""
        return Commands(self.add_subparsers(title="commands", metavar="COMMAND", required=required))

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Read all words. Refuse the first one that has no place.

        A session may also be named after options; argparse has already taken its place as empty then.
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
        raise BadInputError(f"{said}{end} See {self.prog} --help")

    def format_help(self) -> str:
        """Begin with a capital letter, and list commands in the same form as options."""
        self._width = None
        above, title, commands = super().format_help().partition("commands:\n  COMMAND\n")
        return above[:1].upper() + above[1:] + title.removesuffix("  COMMAND\n") + commands.replace("\n  ", "\n")[2:]

    def _get_formatter(self) -> argparse.HelpFormatter:
        """Ask for the terminal's width only if help is printed: argparse makes a formatter for every option."""
        return Lines(self.prog, width=self._width)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        if action.option_strings:
            known = ", ".join(map(str, action.choices))
            self.error(f"{action.option_strings[0]} '{value}': write one of {known}.")
        elif action.nargs != argparse.PARSER:
            self.error(f"{action.metavar} '{value}': write one of {', '.join(map(str, action.choices))}.")
        else:
            self.error(f"No such command '{value}'.{_near(str(value), action.choices)}")


class About(NamedTuple):
    """The help of a command: the sentence that the list of commands shows, further sentences, an example."""

    text: str
    more: str = ""
    example: str = ""


class Commands:
    """Where commands are added to a parser."""

    def __init__(self, made: "argparse._SubParsersAction[Parser]") -> None:
        self._made = made

    def command(self, name: str, about: "str | About", run: Run, *, only_tells: bool = False) -> Parser:
        """Add a command that does `run`; `only_tells` if it does nothing but print."""
        text, more, example = (about, "", "") if isinstance(about, str) else about
        said = f"{text[:1].upper()}{text[1:]}. {more}".strip()
        parser = self._made.add_parser(name, help=text, description=said, epilog=example and f"Example: {example}")
        parser.set_defaults(run=run, parser=parser, only_tells=only_tells)
        return parser

    def group(self, name: str, text: str) -> "Commands":
        """Add a command that has only commands of its own."""
        parser = self._made.add_parser(name, help=text, description=text[:1].upper() + text[1:] + ".")
        return parser.commands(required=True)


def number(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    """Return a function that reads a number from `low` to `high`."""

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
    import difflib  # imported only after a mistyped word

    found = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean '{found[0]}'?" if found else ""


def on_config(command: Parser, text: str) -> None:
    """Give a command the option `--config`."""
    command.add_argument("--config", type=Path, metavar="FILE", help=text)


def on_session(commands: Commands, name: str, about: "str | About", run: Run, *, only_tells: bool = False) -> Parser:
    """Add a command that is about a session."""
    command = commands.command(name, about, run, only_tells=only_tells)
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help=SESSION_HELP)
    return command


SESSION_HELP = "name of the session, or path of its folder (default: the newest session)"
CONFIG_HELP = "settings file to use instead of the one that the session names"
JSON_HELP = "print JSON with stable names, for scripts"

HELD, NOT_MOVED, LOST = 10, 20, 1
"""Exit codes: nothing was done; the flag does not have the wanted value; it was done but could not be logged."""

Adding = Mapping[Callable[[Commands], None], tuple[str, ...]]
"""Functions that add commands, and the names that each adds. Only the command that is asked for is made."""
