"""Reads a TOML table strictly: every key must be known; all problems are collected and reported together."""

import math
from collections.abc import Iterable, Mapping

from msgspec import Struct

from sessions.text.clean import clean, shows
from sessions.text.units import seconds
from sessions.values.percent import Percent, exact_percent

LONGEST = 366 * 86_400.0
"""No span of a plan or of settings is longer, in seconds: what is added to a moment stays in the calendar."""


class Problem(Struct, frozen=True):
    """One thing wrong in a table: where, what, and what to do."""

    path: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" + (f", {self.hint}" if self.hint else "")


TEXT = 400
"""So many characters of a text are kept, where nobody says otherwise."""


class TableError(ValueError):
    """A table that does not say what it should; `problems` holds all of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class Table:
    """A cursor over one TOML table.

    Each question returns a usable value and notes a problem where the file has none; `close` notes unasked keys, with
    the problems or, where a list of `strange` ones is given, there.
    """

    def __init__(
        self,
        values: Mapping[str, object],
        path: str = "",
        problems: list[Problem] | None = None,
        strange: list[Problem] | None = None,
    ) -> None:
        self._values = values
        self._path = path
        self._asked: set[str] = set()
        self.problems: list[Problem] = [] if problems is None else problems
        self._strange = strange

    def _where(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def note(self, key: str, what: str, hint: str = "") -> None:
        """Keep one problem with `key`."""
        self.problems.append(Problem(self._where(key), what, hint))

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            self.note(key, "is missing")
        return default

    def text(self, key: str, default: str | None = None, *, most: int = TEXT) -> str:
        """Return a string, cleaned, of at most `most` characters."""
        value = self._take(key, default)
        if isinstance(value, str):
            return clean(value, most)
        if value is not None:
            self.note(key, f"is {_shown(value)}", "write a text in quotes")
        return ""

    def name(self, key: str) -> str:
        """Return a string that shows something, cleaned; in a plan that is flown already it may show nothing."""
        self._refuse_blank(key, [self._values.get(key)])
        return self.text(key)

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of strings that show something, cleaned."""
        value = self._values.get(key)
        self._refuse_blank(key, value if isinstance(value, (list, tuple)) else ())
        return self.texts(key)

    def _refuse_blank(self, key: str, values: Iterable[object]) -> None:
        blank = [value for value in values if isinstance(value, str) and not shows(value)]
        if blank and self._strange is None:
            self.note(key, f'"{clean(blank[0], 40)}" shows nothing', "write a name that can be read")

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """Return one of `options`; a text that says nothing is none, but in a plan that is flown already."""
        value = self.text(key, default)
        if value not in options:
            if value or (self._values.get(key) == "" and self._strange is None):
                self.note(key, f'"{value}" is unknown', f"write one of {', '.join(options)}")
            return options[0]
        return value

    def number(self, key: str, default: float | None = None, *, low: float = 0.0, high: float = 1e9) -> float:
        """Return a finite number within `low`..`high`."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            if value is not None:
                self.note(key, f"is {_shown(value)}", "write a number")
            return low
        if not low <= value <= high:
            self.note(key, f"is {_shown(value)}", f"write a number from {low:,.10g} to {high:,.10g}")
            return low
        return float(value)

    def whole(self, key: str, default: int | None = None, *, low: int = 0, high: int = 10**9) -> int:
        """Return a whole number within `low`..`high`."""
        value = self.number(key, default, low=low, high=high)
        if value != int(value):
            self.note(key, f"is {value}", "write a whole number")
        return int(value)

    def percentage(self, key: str) -> Percent:
        """Return a percentage over 0, with two decimals at most."""
        value = self.number(key, low=0.01, high=100)
        found = exact_percent(value)
        if found != value:
            self.note(key, f"is {value}", "write a percentage with two decimals at most")
        return found or 1

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.note(key, f"is {_shown(value)}", "write true or false")
        return False

    def raw(self, key: str, default: object = None) -> object:
        """Return what the file holds, unread; `default` where it holds nothing."""
        self._asked.add(key)
        return self._values.get(key, default)

    def span(self, key: str, default: str | None = None, *, low: float = 0.0) -> float:
        """Return a duration in seconds, at least `low` and at most a year; the file says `5m`."""
        value = self._take(key, default)
        if value is None:
            return low
        try:
            span = seconds(value) if isinstance(value, str) else math.nan
        except ValueError:
            span = math.nan
        if not low <= span <= LONGEST:
            self.note(key, f"is {_shown(value)}", 'write a duration like "30s", "5m" or "2h"')
            return low
        return span

    def texts(self, key: str, default: tuple[str, ...] | None = None, *, most: int = TEXT) -> tuple[str, ...]:
        """Return a list of strings, cleaned, each of at most `most` characters."""
        value = self._take(key, default)
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(clean(item, most) for item in value)
        if value is not None:
            self.note(key, f"is {_shown(value)}", "write a list of texts")
        return ()

    def wholes(self, key: str, default: tuple[int, ...], *, low: int, high: int) -> tuple[int, ...]:
        """Return a list of whole numbers within `low`..`high`."""
        value = self._take(key, default)
        items = value if isinstance(value, (list, tuple)) else (value,)
        if all(isinstance(item, int) and not isinstance(item, bool) and low <= item <= high for item in items):
            return tuple(items)
        self.note(key, f"is {_shown(value)}", f"write a list of whole numbers from {low} to {high}")
        return default

    def table(self, key: str, *, needed: bool = True) -> "Table":
        """Return the table under `key`; an absent one reads as empty, and is a problem where it is needed."""
        value = self._take(key, None if needed else {})
        if value is not None and not isinstance(value, Mapping):
            self.note(key, "is no table", f"write [{self._where(key)}]")
        if not isinstance(value, Mapping):
            return Table({}, self._where(key), [])
        return self._inner(value, self._where(key))

    def named(self, key: str) -> dict[str, "Table"]:
        """Return the tables under `key` by their names; an absent one has none."""
        value = self._take(key, {})
        if isinstance(value, Mapping) and all(isinstance(item, Mapping) for item in value.values()):
            where = self._where(key)
            return {name: self._inner(item, f"{where}.{name}") for name, item in value.items()}
        self.note(key, "is no table of tables", f"write [{self._where(key)}.NAME]")
        return {}

    def tables(self, key: str, *, least: int = 0) -> list["Table"]:
        """Return the array of tables under `key`, `least` of them at least."""
        value = self._take(key, ())
        items = value if isinstance(value, (list, tuple)) else ()
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in items):
            self.note(key, "is no array of tables", f"write [[{self._where(key)}]]")
            return []
        if len(items) < least:
            self.note(key, f"has {len(items)}", f"write at least {least}")
        where = self._where(key)
        return [self._inner(item, f"{where}[{index}]") for index, item in enumerate(items)]

    def _inner(self, values: Mapping[str, object], path: str) -> "Table":
        return Table(values, path, self.problems, self._strange)

    def close(self) -> None:
        """Note every key that was not asked for, with the nearest one that is known."""
        for key in self._values:
            if key not in self._asked:
                import difflib  # only who mistyped waits for it

                near = difflib.get_close_matches(key, sorted(self._asked), n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(self._asked))}"
                where = self._where(clean(key, 60))
                (self.problems if self._strange is None else self._strange).append(Problem(where, "unknown key", hint))


def _shown(value: object) -> str:
    """Say a foreign value shortly; an integer may be too long to be written out at all."""
    try:
        return clean(repr(value), 40)
    except ValueError:
        return "too long a number"
