"""Where in a TOML text each key stands: what a parser forgets and a person who must mend the file needs."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

_PIECE = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|\n|[\[\]{}=,.]"
    r"|[^\s\[\]{}=,.\#\"']+"
    r"|[\"']",
    re.DOTALL,
)


def line_of(text: str, path: str) -> int:
    """Return the 1-based line of `path` (`phases[1].soak`) in TOML `text`; the nearest table's if absent, else 1."""
    return nearest(places(text), path)


def nearest(lines: Mapping[str, int], path: str) -> int:
    """Return the line of `path`, or of the nearest table around it, among `places`; else 1."""
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"\.?(?:[^.\[\]]+|\[\d*\]|[.\[\]])$", "", path)
    return 1


def places(text: str) -> dict[str, int]:
    """Return the line of every key, table and element, by its path; of broken TOML, those that can be found."""
    scan = _Scan()
    for piece, line in _pieces(text):
        scan.take(piece, line)
    return scan.lines


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    line, last = 1, 0
    for match in _PIECE.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        if not match[0].startswith("#"):
            yield match[0], line


class _Open(Struct):
    """An array or an inline table that is being read."""

    kind: str
    path: str
    index: int = 0


class _Scan(Struct):
    """Reads pieces one by one. `words` is the key so far, None inside a value; `table` is the table we are in."""

    lines: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    words: list[str] | None = field(default_factory=list)
    header: int = 0
    table: str = ""
    path: str = ""
    open: list[_Open] = field(default_factory=list)

    def take(self, piece: str, line: int) -> None:
        """Take the next piece."""
        if piece == "\n":
            self._newline()
        elif self.words is None:
            self._value(piece, line)
        elif self.open or piece == "=" or not (self.header or piece in "[]"):
            self._key(self.words, piece, line)
        else:
            self._header(self.words, piece, line)

    def _newline(self) -> None:
        if not self.open:
            self.words, self.header = [], 0

    def _header(self, words: list[str], piece: str, line: int) -> None:
        if piece == "[":
            self.header += 1
        elif piece == "]" and words:
            self.table = self._opened(words, line, array=self.header > 1)
            self.words, self.header = [], 0
        elif piece != ".":
            words.append(_bare(piece))

    def _opened(self, words: list[str], line: int, *, array: bool) -> str:
        """Return the path of a header's table, with indexes; an array's header opens its next element."""
        path = ""
        for position, word in enumerate(words):
            path = f"{path}.{word}" if path else word
            self.lines.setdefault(path, line)
            if array and position == len(words) - 1:
                self.seen[path] = self.seen.get(path, -1) + 1
            if path in self.seen:
                path = f"{path}[{self.seen[path]}]"
                self.lines.setdefault(path, line)
        return path

    def _key(self, words: list[str], piece: str, line: int) -> None:
        if piece == "=":
            self.path = self.open[-1].path if self.open else self.table
            for word in words:
                self.path = f"{self.path}.{word}" if self.path else word
                self.lines.setdefault(self.path, line)
            self.words = None
        elif piece == "}" and self.open:
            self.open.pop()
            self.words = None
        elif piece not in ".,":
            words.append(_bare(piece))

    def _value(self, piece: str, line: int) -> None:
        """Inside an array each piece belongs to its element."""
        inside = self.open[-1] if self.open else None
        if piece in "]}":
            if inside is not None:
                self.open.pop()
        elif piece == "," and inside is not None:
            inside.index += 1
            self.words = [] if inside.kind == "{" else None
        else:
            path = f"{inside.path}[{inside.index}]" if inside is not None and inside.kind == "[" else self.path
            self.lines.setdefault(path, line)
            if piece in "[{":
                self.open.append(_Open(piece, path))
                self.words = [] if piece == "{" else None


def _bare(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in "\"'" else word
