"""A sign of life: when a watch was last alive by every clock, and how the next tells one that was moved meanwhile."""

from datetime import datetime, timedelta

from msgspec import Struct

JUMP = 2.0
"""Seconds by which the wall clock and the time since boot must disagree to be told."""


class Sign(Struct, frozen=True):
    """`at` by the wall clock, `boot` s since the boot that `machine` names, empty where it cannot be named.

    `shifted` are the seconds by which the log says that the clock was moved until then.
    """

    at: datetime
    boot: float = 0.0
    machine: str = ""
    shifted: float = 0.0


def ran(before: Sign, now: Sign) -> float | None:
    """Return the seconds between two signs by a clock that nobody sets; None if unknown."""
    same = before.machine and before.machine == now.machine
    return now.boot - before.boot if same and now.boot >= before.boot else None


def jumped(before: Sign, now: Sign, passed: float) -> float:
    """Return by how much the clock was moved between two signs `passed` s apart, beyond what the log says of it."""
    return (now.at - before.at).total_seconds() - passed - (now.shifted - before.shifted)


def alive_at(before: Sign | None, written: datetime | None, shifted: float) -> datetime | None:
    """Return when a watch was last alive, by the clock that the log has come to: its beat or its newest entry."""
    beats = [before.at + timedelta(seconds=shifted - before.shifted)] if before else []
    return max([*beats, *([written] if written else [])], default=None)


def started(before: Sign | None, now: Sign, reached: datetime | None) -> float:
    """Return by how much the clock was moved before a watch starts, in s; 0 if it was not, or if unknown.

    Within one boot both directions are known. Otherwise only a log that is ahead of the clock shows that it was set
    back.
    """
    passed = ran(before, now) if before else None
    jump = jumped(before, now, passed) if before and passed is not None else 0.0
    jump = jump if abs(jump) > JUMP else 0.0
    marks = [alive_at(before, reached, now.shifted)] if before or reached else []
    ahead = max(((mark - now.at).total_seconds() + jump for mark in marks if mark), default=0.0)
    return jump - ahead if ahead > JUMP else jump
