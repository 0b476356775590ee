"""The state that a session file leads to, and what of its header this cockpit does not know."""

from msgspec.structs import replace

from sessions.file_format.document import Opened
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import Problem, TableError
from sessions.state.reducer import State, replay
from sessions.storage.session_file import JournalError
from sessions.text.clean import clean


def rebuilt(opened: Opened) -> State:
    """Rebuild the state from what was read; of a damaged file it is not whole. Raises JournalError without a plan."""
    strange: list[Problem] = []
    try:
        plan = plan_from(opened.plan, strange)
    except TableError as error:
        if opened.damage:
            raise JournalError(f"{opened.name}: {opened.damage.what}: {opened.damage.todo}") from error
        raise JournalError(f"{opened.name}: the session's plan is not readable: {_why(opened, error)}") from error
    fault = opened.damage.what if opened.damage else ""
    keys = (*opened.strange, *(f"plan.{problem.path}" for problem in strange))
    return replace(
        replay(plan, opened.entries),
        name=opened.name,
        journal_fault=fault,
        whole=opened.damage is None,
        strange=keys,
    )


def _why(opened: Opened, error: TableError) -> str:
    by = f" (written by {opened.written_by})" if opened.written_by else ""
    return clean(f"{error.problems[0]}{by}", 300)


def ignored(state: State) -> str:
    """Say which keys of the session's header this cockpit does not know, nothing where it knows all."""
    if not state.strange:
        return ""
    more = f" and {len(state.strange) - 3} more" if len(state.strange) > 3 else ""
    return f"not known to this cockpit and ignored: {', '.join(state.strange[:3])}{more}"
