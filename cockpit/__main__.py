"""The command `cockpit`: every error is one line on stderr and exit 2, never a traceback."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.cli.main import asked
from cockpit.runtime import streams
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.lean import collect_rarely, leave, load_structs
from sessions.text.clean import clean

if TYPE_CHECKING:
    from sessions.plan.strict_table import TableError

USAGE = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    collect_rarely()
    streams.ready()
    leave(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    load_structs()
    try:
        words = asked(arguments)
        code, only_tells = words.run(words), words.only_tells
    except SystemExit as ended:  # help was printed
        code, only_tells = int(ended.code or 0), True
    except _one_line() as error:
        return _tell(str(error))
    except _several_lines() as error:
        return max(_tell(str(problem)) for problem in error.problems)
    except OSError as error:
        return _tell(f"{error.filename or 'system'}: {error.strerror or error}")
    except (KeyboardInterrupt, RuntimeError) as error:
        if not any(isinstance(each, KeyboardInterrupt) for each in (error, error.__context__)):
            raise
        return INTERRUPTED  # a lock that was left half way may complain on top
    return _heard(code, only_tells=only_tells)


def _one_line() -> tuple[type[Exception], ...]:
    """What is refused with one line; asked for only where something is, as what follows."""
    from sessions.storage.folders import FolderError
    from sessions.storage.session_file import JournalError

    return BadInputError, FolderError, JournalError


def _several_lines() -> "type[TableError]":
    from sessions.plan.strict_table import TableError

    return TableError


def _heard(code: int, *, only_tells: bool) -> int:
    """An act counts even if its output is lost; a command that only prints then fails."""
    error = streams.lost()
    if error is None:
        return code
    if not only_tells:
        streams.complain(f"cockpit: {clean(streams.told_of(error), 600)}\n")
        return code
    if isinstance(error, BrokenPipeError):  # whoever read us has seen enough
        return streams.NOBODY_READS
    return _tell(f"stdout: cannot be written ({error.strerror or error}): the output is not complete")


def _tell(line: str) -> int:
    streams.complain(f"cockpit: {clean(line, 600)}\n")
    return USAGE


if __name__ == "__main__":
    main()
