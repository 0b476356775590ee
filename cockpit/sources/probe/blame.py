"""Why a probe got no answer: the service failed if others were answered around that time.

If nothing was answered for a while and nothing else shows the cause, it may be our own network: then it is no
measurement.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cockpit.sources.probe.tally import Attempt, Outcome


class Reach:
    """Keeps lost requests until it is clear. `turn` is how long asking everybody once takes, `patience` one answer."""

    def __init__(self, turn: float, patience: float) -> None:
        self._turn, self._patience = turn, patience
        self._answers: list[tuple[float, float]] = []
        self._lost: list[Attempt] = []

    def take(self, attempt: Attempt) -> None:
        """Note an answer as evidence, or a lost request as a question."""
        if attempt.outcome is Outcome.LOST:
            self._lost.append(attempt)
        elif attempt.answered:
            self._answers.append((attempt.begun, attempt.ended))

    def decided(self, now: float) -> tuple[Sequence[Attempt], Sequence[Attempt]]:
        """Return the lost requests that count as failed, and those that are no measurement; the others wait."""
        failed: list[Attempt] = []
        nothing: list[Attempt] = []
        waiting: list[Attempt] = []
        for attempt in self._lost:
            before, after = self._heard(attempt)
            if before and after:
                failed.append(replace(attempt, outcome=Outcome.BAD))
            elif now < attempt.ended + self._turn + self._patience:
                waiting.append(attempt)
            else:
                nothing.append(attempt)
        self._lost = waiting
        self._forget(now)
        return failed, nothing

    def _heard(self, attempt: Attempt) -> tuple[bool, bool]:
        """Whether anybody was answered during it or up to a turn before, and during it or up to a turn after."""
        since, until = attempt.begun - self._turn, attempt.ended + self._turn
        before = any(ended >= since and begun <= attempt.ended for begun, ended in self._answers)
        after = any(ended >= attempt.begun and begun <= until for begun, ended in self._answers)
        return before, after

    def _forget(self, now: float) -> None:
        oldest = min([now, *(attempt.begun for attempt in self._lost)]) - self._turn - self._patience
        self._answers = [(begun, ended) for begun, ended in self._answers if ended >= oldest]
