"""Numbers as people read them: durations, shares, milliseconds, each with its unit."""

import math
import re
from datetime import datetime, timedelta, tzinfo

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)


def seconds(text: str) -> float:
    """Read `2h`, `5m`, `1h30m`, `250ms`, `1.25s` as seconds.

    Raises ValueError for anything else: a bare number has no unit.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration, write 30s, 5m or 2h")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def exact(span: float) -> str:
    """Write seconds so that `seconds` reads them back."""
    return f"{span:.6f}".rstrip("0").rstrip(".") + "s"


def duration(span: float) -> str:
    """Say a span of seconds shortly: `42s`, `2m10s`, `3h12m`, `2d04h`; below ten seconds with a tenth."""
    if not math.isfinite(span):
        return "?"
    sign, span = ("-" if span < 0 else ""), abs(span)
    if span < 9.95 and span != int(span):
        return f"{sign}{span:.1f}s"
    whole = round(span)
    minutes, secs = divmod(whole, 60)
    hours, mins = divmod(minutes, 60)
    days, hrs = divmod(hours, 24)
    if days:
        return f"{sign}{days}d{hrs:02d}h"
    if hours:
        return f"{sign}{hours}h{mins:02d}m"
    return f"{sign}{mins}m{secs:02d}s" if minutes else f"{sign}{secs}s"


def minutes(span: float) -> str:
    """Say a span of whole minutes as `40 min`, any other as a duration."""
    return f"{span / 60:.0f} min" if span >= 60 and span % 60 == 0 else duration(span)


def countdown(span: float) -> str:
    """Say what is left of a deadline: `11:42`, `1:02:03`; `0:00` when it is over."""
    whole = max(0, math.ceil(span))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def figure(value: float | None, unit: str, *, over: bool = False) -> str:
    """Say a value with its unit: `438 ms`, `0.3 %`; an absent or non-finite one is `–`.

    `over` says that the true value is somewhere above this one, as a p95 above the highest bucket: `over 5000 ms`.
    """
    if value is None or not math.isfinite(value):
        return "–"
    if over:
        return f"over {figure(value, unit)}"
    if unit == "s":
        return duration(value)
    digits = 1 if unit == "%" and abs(value) < 9.95 else 0
    number = f"{value:z.{digits}f}"
    return f"{number} {unit}" if unit else number


def signed(value: float | None, unit: str) -> str:
    """Say a deviation with its sign: `+41 %`; what rounds to nothing is `+0 %`."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{round(value):+d} {unit}"


def off(value: float | None, unit: str) -> str:
    """Say how far something is from what was expected: `9 docs low`, `41 % high`, `0 docs off`."""
    if value is None or not math.isfinite(value):
        return "–"
    far = round(value)
    return f"{amount(value, unit)} {'high' if far > 0 else 'low' if far else 'off'}"


def amount(value: float | None, unit: str) -> str:
    """Say an amount without its sign: `1 doc`, `29 docs`, `41 %`."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{abs(round(value)):,} %" if unit == "%" else counted(abs(round(value)), unit)


def clock(at: datetime, tz: tzinfo | None, *, fine: bool = True) -> str:
    """Say a moment as local time of day: `14:03:22`, or `14:03`."""
    return at.astimezone(tz).strftime("%H:%M:%S" if fine else "%H:%M")


def zone(at: datetime) -> str:
    """Say how far a local moment is from UTC: `+01:00`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def moment(at: datetime, now: datetime, tz: tzinfo | None) -> str:
    """Say a moment near `now`: the time of day, with seconds when it is close, with the day when it is another one."""
    local, today = at.astimezone(tz), now.astimezone(tz)
    if local.date() != today.date():
        return local.strftime("%a %H:%M")
    return local.strftime("%H:%M:%S" if abs(at - now) < timedelta(minutes=10) else "%H:%M")


def counted(number: float, things: str) -> str:
    """Write how many of some things, named in the plural: `1 ticket`, `1 entry`, `1,200 tickets`."""
    one = f"{things.removesuffix('ies')}y" if things.endswith("ies") else things.removesuffix("s")
    return f"{number:,.0f} {one if round(number) == 1 else things}"
