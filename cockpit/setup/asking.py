"""Who chooses among what was found: a person, by plain lines; without a person, everything found is taken."""

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from cockpit.runtime import streams
from cockpit.runtime.errors import BadInputError
from cockpit.settings.schema.fields import why_no_url
from sessions.text.clean import clean

NONE = "none"
APART = "   "
"""The space between a name and its text."""
_LONGEST = 4_000
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 20
_LONGEST_NUMBERS = 12

Check = Callable[[str], str]
"""Says why an answer is none, empty where it is one."""


def anything(_answer: str) -> str:
    """Every answer is one."""
    return ""


def why_no_variable(text: str) -> str:
    """Say why a text is no name of a variable; `none` is one."""
    return "" if _VARIABLE.fullmatch(text) else "write the name of a variable of the environment, not what it holds"


def why_no_address(text: str) -> str:
    """Say why a text is no address to ask, and what to write."""
    why = why_no_url(text)
    return f"{why}: write http://host:port, and a token as the name of its variable" if why else ""


def why_no_program(text: str) -> str:
    """Say why a text is no program with its arguments."""
    try:
        return "" if shlex.split(text) else "names no program"
    except ValueError:
        return "has a quote that does not end"


class Chooser(Protocol):
    """Chooses among what was found."""

    asks: bool

    def word(self, question: str, default: str, why: str, check: Check = anything) -> str:
        """Return one answer in words."""
        ...

    def some(self, question: str, options: Sequence[str], default: Sequence[str], why: str) -> tuple[str, ...]:
        """Return some of the options, in their order."""
        ...

    def say(self, text: str) -> None:
        """Tell what was found, or was not."""
        ...


class Taker:
    """Asks nothing: what was found is taken."""

    asks = False

    def word(self, question: str, default: str, why: str, check: Check = anything) -> str:
        """Return the default."""
        del question, why, check
        return default

    def some(self, question: str, options: Sequence[str], default: Sequence[str], why: str) -> tuple[str, ...]:
        """Return the default."""
        del question, options, why
        return tuple(default)

    def say(self, text: str) -> None:
        """Tell it."""
        streams.say(f"{clean(text, 600)}\n")


class Interview(Taker):
    """Asks a person. Enter accepts the value in brackets, `?` explains; the end of input ends the interview."""

    asks = True

    def word(self, question: str, default: str, why: str, check: Check = anything) -> str:
        """Ask until there is an answer."""
        while True:
            answer = self._line(f"{question} [{default}] ")
            if answer == "?":
                self.say(f"  {why}")
            elif fault := check(answer or default):
                self.say(f"  {fault}")
            else:
                return answer or default

    def some(self, question: str, options: Sequence[str], default: Sequence[str], why: str) -> tuple[str, ...]:
        """Show the options with their numbers and ask for some: `1 3-5`, names, all, or none."""
        for number, option in enumerate(options[:_SHOWN], 1):
            self.say(f"  {number:>2}  {option}{'' if option in default else '   (not proposed)'}")
        if len(options) > _SHOWN:
            self.say(f"  and {len(options) - _SHOWN} more, by their names")
        proposed = _numbers([options.index(one) + 1 for one in default]) if default else NONE

        def fault(answer: str) -> str:
            return _chosen(answer, options)[1]

        why = f"{why} Write numbers (1 3-5), names, all, or none."
        return _chosen(self.word(question, proposed, why, fault), options)[0]

    def _line(self, question: str) -> str:
        sys.stdout.write(clean(question, 400))
        sys.stdout.flush()
        line = ""
        try:
            line = sys.stdin.readline(_LONGEST)
        finally:
            if not line:  # what is said next, also by the shell, begins a line of its own
                streams.say("\n")
        if not line:
            raise BadInputError("init: the input ended: nothing was written; with flags it asks nothing")
        return clean(line.strip(), _LONGEST)


def _numbers(numbers: Sequence[int]) -> str:
    """Write numbers as a person would: `1-3 5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _chosen(answer: str, options: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the options that an answer means, and why it means none."""
    if answer in ("all", NONE):
        return (tuple(options) if answer == "all" else ()), ""
    if whole := _by_name(answer, options):
        return tuple(whole), ""
    wanted = set[str]()
    for word in filter(None, (part.strip() for part in (answer.split(",") if "," in answer else answer.split()))):
        found = _by_name(word, options) or _by_number(word, options)
        if not found:
            return (), f"{word} is none of them: write numbers from 1 to {len(options)}, names, all, or none"
        wanted.update(found)
    return tuple(option for option in options if option in wanted), ""


def _by_name(word: str, options: Sequence[str]) -> list[str]:
    """Behind a name, three blanks off, stands what is told of it."""
    return [option for option in options if word in (option, option.partition(APART)[0])]


def _by_number(word: str, options: Sequence[str]) -> list[str]:
    first, dash, last = word.partition("-")
    ends = (first, last) if dash else (first, first)
    if len(word) > _LONGEST_NUMBERS or not all(end.isascii() and end.isdecimal() for end in ends):
        return []
    low, high = map(int, ends)
    return list(options[low - 1 : high]) if 1 <= low <= high <= len(options) else []
