"""A source that asks for a JSON document and reads it by the owner's shape; who fetches the document is handed in."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import CLOCK_BOUND
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.json_answers import ROWS, UNITS, Shape
from cockpit.settings.schema.placeholders import Value, places_in
from cockpit.sources.interface.sliding_span import PARTS
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.rows import Asking
from cockpit.sources.json.shapes import Contents, Reader
from sessions.plan.model import Plan
from sessions.statistics.rhythm import NEWEST, usual
from sessions.text.clean import clean
from sessions.text.intervals import Stretch
from sessions.text.units import counted, duration, signed
from sessions.values.readings import Beat, Pulse, Reading, Size, Topic, Traffic


class Still(Struct, frozen=True):
    """What polls have shown of a journey: its newest event, since when nothing came, and until when that is known.

    `first` is when it was looked at first; without any event nothing has come since then. `times` are the newest events
    that polls saw.
    """

    first: datetime
    newest: datetime | None
    checked: datetime
    times: tuple[datetime, ...] = ()

    @property
    def since(self) -> datetime:
        """Since when nothing came."""
        return self.newest or self.first


def followed(still: Still | None, beat: Beat, bound: float, *, rhythm: bool = False) -> tuple[Still, Beat]:
    """Return what is known after one more poll, and its beat with the gap that has just ended, if it was one.

    A gap longer than `bound` s is reported as far as a poll saw it: from the last event to the last poll that saw no
    newer one. With `rhythm` the bound is what was usual before. A newest event that goes back was deleted, or the
    answer is old: it tells nothing.
    """
    if still is None:
        return Still(beat.at, beat.newest, beat.at, _seen((), beat.newest)), replace(beat, since=beat.at)
    bound = usual(still.times, bound) if rhythm else bound
    beat, newest = replace(beat, since=still.first, usual=bound if rhythm else 0.0), beat.newest
    gone = still.newest is not None and (newest is None or newest < still.newest)
    if gone or beat.at < still.checked:
        return still, beat
    if newest is None or newest == still.newest:
        return replace(still, checked=beat.at), beat
    end = min(still.checked, newest)
    ended = end - still.since > timedelta(seconds=bound)
    after = Still(still.first, newest, beat.at, _seen(still.times, newest))
    return after, replace(beat, gaps=((still.since, end),)) if ended else beat


def _seen(times: tuple[datetime, ...], newest: datetime | None) -> tuple[datetime, ...]:
    return (*times, newest)[-NEWEST - 1 :] if newest else times


FOLLOW = 'ask for larger pages or for less; pages = "first" where one page is all that is meant'
"""What to do where a list goes on and cannot be followed."""

PATIENCE = 0.85
"""The share of the deadline that one answer may take: what is left is for saying why there was none."""

_CATCH_UP = 3


AS_MEANT = "first page only, as the settings say"


class Reply(Struct, frozen=True):
    """What came back; `ahead` is how many seconds its clock is before ours, None if it does not say.

    `cut` says why it is not the whole list, empty if nothing says so; `note` what is weak about it.
    """

    document: object
    ahead: float | None = None
    cut: str = ""
    note: str = ""


def only(why: str, pages: int) -> str:
    """Say that a list goes on beyond the pages that were read."""
    read = "first page" if pages == 1 else f"first {pages} pages"
    return f"{read} only: {clean(why)}"


class Manner(Struct, frozen=True):
    """How a document is asked for: `ask` returns it for the values of `{start}`, `{end}` and the like, or raises.

    `windowed` says that the question names a window; `interval` and `deadline` are in s.
    """

    ask: Callable[[Mapping[str, Value]], Awaitable[Reply]]
    close: Callable[[], Awaitable[None]]
    windowed: bool
    interval: float
    deadline: float


def names_window(*texts: object) -> bool:
    """Whether a question says from when on."""
    return not {"start", "start_s", "start_ms"}.isdisjoint(places_in(texts))


def pace(shape: Shape, plan: Plan) -> float:
    """Return how often a topic is asked for by the plan, in s."""
    return plan.cadence.traffic if shape.topic == "traffic" else plan.cadence.mongo


class Documents:
    """Answers for one topic.

    Traffic is asked for window by window: the newest closed one each time, and those that settled unasked before it.
    """

    def __init__(self, name: str, shape: Shape, plan: Plan, manner: Manner) -> None:
        self.name = name
        self.topics = (Topic(shape.topic),)
        self.interval, self.deadline = manner.interval, manner.deadline
        self._manner, self._plan, self._shape = manner, plan, shape
        self._reader = Reader(shape)
        self._settled: int | None = None
        self._stills: dict[str, Still] = {}

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return what the document says, with a pulse. Raises the error of the request."""
        begun = time.perf_counter()
        newest = self._newest(now)
        first = newest
        if self._settled is not None and self.topics == (Topic.TRAFFIC,) and self._manner.windowed:
            first = max(min(self._settled + 1, newest), newest - _CATCH_UP + 1)
        answers = await asyncio.gather(*(self._answer(now, index) for index in range(first, newest + 1)))
        rule = self._plan.windows
        self._settled = newest if now.timestamp() >= (newest + 1) * rule.length + rule.settle else newest - 1
        answer = _together(answers)
        readings = [self._followed(reading) for reading in answer.readings]
        return [*readings, self._pulse(answer, now, (time.perf_counter() - begun) * 1000)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask once; say how fast, how much of it could be read, and what of the plan was not in it."""
        begun = time.perf_counter()
        reply = await self._ask(self._newest(now))
        took = (time.perf_counter() - begun) * 1000
        answer = await self._made(reply, now, self._newest(now))
        rows = f", {counted(answer.total, 'rows')}" if self._shape.topic in ROWS else ""
        found = [Finding(Sight.GOOD, self.name, f"answered in {took:.0f} ms{rows}")]
        if reply.ahead is not None and abs(reply.ahead) > CLOCK_BOUND:
            text = f"its clock is {signed(reply.ahead, 's')} off ours"
            found.append(Finding(Sight.WARNING, self.name, text, "let both machines keep time by NTP"))
        if answer.cut:
            found.append(Finding(Sight.PROBLEM, self.name, answer.cut, FOLLOW))
        elif answer.why:
            sight = Sight.PROBLEM if answer.doubt else Sight.WARNING
            what = answer.doubt or f"{answer.unreadable:,} of {answer.total:,} rows unreadable: {answer.why}"
            found.append(Finding(sight, self.name, clean(what), "mend the rows, or the expression in fields"))
        if answer.note:
            fix = "narrow the question to one page" if reply.note else "name the subjects as the plan does"
            found.append(Finding(Sight.WARNING, self.name, answer.note, fix))
        if answer.newest is not None:
            age = (now - answer.newest).total_seconds()
            found.append(Finding(Sight.GOOD, self.name, f"newest data {duration(age)} old"))
        return [*found, *self._missing(answer)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._manner.close()

    def _newest(self, now: datetime) -> int:
        """The number of the newest closed window."""
        return int(now.timestamp() // self._plan.windows.length) - 1

    async def _answer(self, now: datetime, index: int) -> Contents:
        return await self._made(await self._ask(index), now, index)

    async def _ask(self, index: int) -> Reply:
        start, end = self._window(index)
        return await self._manner.ask({**_places("start", start), **_places("end", end)})

    async def _made(self, reply: Reply, now: datetime, index: int) -> Contents:
        """Read the reply in a thread: an expression of the owner's may take its time."""
        window = self._window(index) if self._manner.windowed else None
        asking = Asking(self.name, now, self._plan, window, UNITS[self._shape.unit])
        answer = await asyncio.to_thread(self._reader.read, reply.document, asking, reply.cut)
        note = ", ".join(filter(None, (answer.note, reply.note)))
        return replace(answer, note=note)

    def _window(self, index: int) -> Stretch:
        """Return the window that is asked about; users are counted over several that end with it."""
        length, more = self._plan.windows.length, PARTS - 1 if self.topics == (Topic.EXPOSURE,) else 0
        return _moment((index - more) * length), _moment((index + 1) * length)

    def _followed(self, reading: Reading) -> Reading:
        if not isinstance(reading, Beat):
            return reading
        rhythm = any(journey.rhythm for journey in self._plan.journeys if journey.id == reading.journey)
        still, beat = followed(self._stills.get(reading.journey), reading, self._plan.gap, rhythm=rhythm)
        self._stills[reading.journey] = still
        return beat

    def _pulse(self, answer: Contents, now: datetime, took: float) -> Pulse:
        doubt = clean(answer.doubt)
        counts = (answer.newest, answer.unreadable, answer.total)
        return Pulse(self.name, now, self.topics[0], not doubt, doubt, took, *counts, note=clean(answer.note))

    def _missing(self, answer: Contents) -> Iterable[Finding]:
        """What of the plan the answer does not speak of."""
        seen = {_subject(reading) for reading in answer.readings}
        wanted: Mapping[str, Sequence[str]] = {
            "traffic": self._plan.endpoints,
            "journeys": [journey.id for journey in self._plan.journeys],
            "collections": [collection.name for collection in self._plan.collections],
        }
        for name in wanted.get(self._shape.topic, ()):
            if name not in seen:
                yield Finding(
                    Sight.PROBLEM, name, "not in the answer", "widen the question, or leave it out of the plan"
                )


def parse(text: bytes) -> object:
    """Return what a JSON text says. Raises SourceError: no JSON, NaN or Infinity in it, nested too deeply."""
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise SourceError("JSON nested too deeply") from None
    except UnicodeDecodeError:
        raise SourceError("not JSON: no UTF-8 text") from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            where = f"line {error.lineno}, column {error.colno}"
            raise SourceError(f"not JSON at {where}" if text.strip() else "empty answer") from None
        raise SourceError("a number of absurd length in the JSON") from None


def _refuse(word: str) -> object:
    raise SourceError(f"{word} in the JSON is no number")


def _together(answers: Sequence[Contents]) -> Contents:
    last = answers[-1]
    return replace(
        last,
        readings=tuple(reading for answer in answers for reading in answer.readings),
        unreadable=sum(answer.unreadable for answer in answers),
        total=sum(answer.total for answer in answers),
        why=next((answer.why for answer in answers if answer.why), ""),
        note=next((answer.note for answer in reversed(answers) if answer.note), ""),
    )


def _subject(reading: Reading) -> str:
    match reading:
        case Traffic():
            return reading.endpoint
        case Beat():
            return reading.journey
        case Size():
            return reading.collection
        case _:
            return ""


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _places(name: str, at: datetime) -> dict[str, Value]:
    """Return what fills the places of a moment: ISO 8601, and whole s and ms since 1970."""
    return {name: _iso(at), f"{name}_s": int(at.timestamp()), f"{name}_ms": round(at.timestamp() * 1000)}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")
