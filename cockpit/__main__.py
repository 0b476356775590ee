"""The command `cockpit`: every error is one line on stderr and exit 2, never a traceback."""

import sys
from collections.abc import Sequence

from cockpit.cli.main import asked
from cockpit.runtime import streams
from cockpit.runtime.errors import BadInputError
from sessions.plan.strict_table import TableError
from sessions.storage.folders import FolderError
from sessions.storage.journal import JournalError
from sessions.text.clean import clean

USAGE = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    streams.ready()
    try:
        code = run(sys.argv[1:])
        if why := streams.written():
            code = _tell(f"stdout: cannot be written ({why}): nothing of this was told for sure")
    except BrokenPipeError:  # whoever read us has seen enough
        code = streams.NOBODY_READS
    streams.forget()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Raises BrokenPipeError."""
    try:
        words = asked(arguments)
        code: int = words.run(words)
    except SystemExit as ended:  # help was printed
        return int(ended.code or 0)
    except (BadInputError, FolderError, JournalError) as error:
        return _tell(str(error))
    except TableError as error:
        return max(_tell(str(problem)) for problem in error.problems)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _tell(f"{error.filename or 'system'}: {error.strerror or error}")
    except (KeyboardInterrupt, RuntimeError) as error:
        if not any(isinstance(each, KeyboardInterrupt) for each in (error, error.__context__)):
            raise
        return INTERRUPTED  # a lock that was left half way may complain on top
    return code


def _tell(line: str) -> int:
    streams.complain(f"cockpit: {clean(line, 600)}\n")
    return USAGE


if __name__ == "__main__":
    main()
