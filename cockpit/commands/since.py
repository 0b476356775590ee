"""`cockpit status --since`: the hand-over on the command line, from what the files hold."""

from datetime import datetime, timedelta
from pathlib import Path

from cockpit.errors import BadInputError
from sessions.clean import clean
from sessions.figures import seconds
from sessions.folder import HISTORY
from sessions.handover import Absence, Handover, handover
from sessions.history import History
from sessions.judgement import Judgement
from sessions.peaks import peaks
from sessions.since import Since, since_last, since_moment

LAST = "last"


def handed(folder: Path, judgement: Judgement, asked: str) -> Handover:
    """Return the hand-over since `last`, since a span ago, or since a moment; nothing is written.

    Raises BadInputError for what is neither.
    """
    history = History.open_readonly(folder / HISTORY)
    try:
        since = _since(judgement, asked, history)
        return handover(judgement, Absence(since, peaks(history.highest, judgement.state, since)), None)
    finally:
        history.close()


def as_since(told: Handover) -> dict[str, object]:
    """Return it as plain values; the shape is documented in docs/commands.md and does not change."""
    return {
        "at": told.since.at.isoformat(),
        "away_s": told.since.away,
        "headline": told.headline,
        "quiet": told.quiet,
        "sections": [
            {
                "title": part.title,
                "rows": [{"what": row.what, "text": row.text, "tone": row.tone} for row in part.rows],
            }
            for part in told.sections
        ],
    }


def _since(judgement: Judgement, asked: str, history: History) -> Since:
    if asked == LAST:
        return since_last(judgement.state, history.last_look(), judgement.at)
    return since_moment(judgement.state, _moment(asked, judgement.at), judgement.at)


def _moment(text: str, now: datetime) -> datetime:
    """A span counts back from now; a moment without a zone is local."""
    try:
        at = (
            now - timedelta(seconds=seconds(text)) if text[-1:].isalpha() else datetime.fromisoformat(text).astimezone()
        )
        ahead = at > now
    except (ValueError, OverflowError, OSError) as error:
        raise BadInputError(f"--since {clean(text, 40)}: is no moment: write {LAST}, 2h or 2026-11-25T08:00") from error
    if ahead:
        raise BadInputError(f"--since {clean(text, 40)}: lies ahead: write {LAST}, or a moment that is over")
    return at
