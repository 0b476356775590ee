"""A moment as foreign JSON writes it."""

from datetime import UTC, datetime

_EPOCH_S, _EPOCH_MS, _EPOCH_END = 1e8, 1e11, 1e14


def moment_of(value: object) -> datetime | None:
    """Return a moment as UTC: ISO 8601 with its zone, or seconds or milliseconds since 1970; None for all else.

    Seconds and milliseconds are told apart by size: both reach from 1973 to 5138.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found.astimezone(UTC) if found.tzinfo is not None else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _EPOCH_S <= value < _EPOCH_END:
            return None
        return datetime.fromtimestamp(value / 1000 if value >= _EPOCH_MS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
