"""Answers about the same values are remembered: what was asked of a plan or of a log need not be found out again."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a pure function of unchanging values remember up to so many answers.

    Values are the same where they are one object: a plan or a log is not compared from end to end. What is remembered
    is kept with what it was asked about, so that no other value ever takes its place.
    """

    def remembering(function: Callable[P, T]) -> Callable[P, T]:
        known: dict[tuple[int, ...], tuple[object, T]] = {}

        @wraps(function)
        def again(*args: P.args, **kwargs: P.kwargs) -> T:
            if kwargs:
                return function(*args, **kwargs)
            key = tuple(map(id, args))
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[key] = (args, function(*args, **kwargs))
            return found[1]

        return again

    return remembering
