"""Reads a TOML file that a person wrote, or says what is wrong in it, with the line."""

import os
import re
import tomllib
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path

from cockpit.runtime.errors import BadInputError
from sessions.plan.strict_table import Problem, TableError
from sessions.storage.disk import DISK, open_regular
from sessions.text.clean import clean

MOST_BYTES = 2**20
LONGEST_LINE = 4_000
MOST_TOLD = 100
_AT = re.compile(r"\(at line (\d+),")


def read_text(path: Path, noun: str, real: Path | None = None) -> str:
    """Return the text of a plain file of at most 1 MB; `noun` is what should stand there. Raises BadInputError.

    `real` is where its links lead, for who has looked already.
    """
    try:
        data = _bytes(real or Path(os.path.realpath(path)))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}: name a {noun}") from error
    if len(data) > MOST_BYTES:
        raise BadInputError(f"{path}: is larger than 1 MB: name a {noun}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def _bytes(path: Path) -> bytes:
    fd = open_regular(path, os.O_RDONLY)
    try:
        return DISK.read(fd, MOST_BYTES + 1, 0)
    finally:
        DISK.close(fd)


def parsed(path: Path, text: str) -> dict[str, object]:
    """Parse TOML; text that the parser cannot take is reported first. Raises BadInputError."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise BadInputError(f"{path}:{number}: is longer than {LONGEST_LINE:,} characters: break the line")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else clean(error, 120)
        at = _AT.search(why)
        raise BadInputError(f"{path}{f':{at[1]}' if at else ''}: is not TOML: {why}") from error


def located(path: Path, text: str, problems: Iterable[Problem]) -> TableError:
    """Return problems as one error, each once, with the file and the line of its key in front, in the file's order."""
    from sessions.plan.toml_positions import nearest, places

    lines = places(text)
    placed = sorted(((nearest(lines, item.path), item) for item in dict.fromkeys(problems)), key=itemgetter(0))
    told = [Problem(f"{path}:{line}: {item.path}", item.what, item.hint) for line, item in placed[:MOST_TOLD]]
    if len(placed) > MOST_TOLD:
        told.append(Problem(f"{path}", f"and {len(placed) - MOST_TOLD:,} more problems"))
    return TableError(told)
