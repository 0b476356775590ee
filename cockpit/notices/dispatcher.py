"""Sends changes to other places, in the process that watches: each once for each place.

If a place fails, an entry says so and the watch goes on.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile

from msgspec import Struct, field
from msgspec.structs import replace

from cockpit.notices.notice import Item, Notice
from cockpit.notices.webhook import Channel
from cockpit.notices.wording import head, is_told, of_alarm, of_end, of_entry, of_gate
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secrets
from sessions.alarms.alarms import Heard, hear, rank, standing
from sessions.alarms.quiet_hours import QuietHours, quiet_hours
from sessions.alarms.stories import Saying, Story, due, followed, moment, told
from sessions.alarms.undelivered import messages_to, recalled
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.entries import Draft, Entry, Fact

_WATCH = "watch"
_NEWS = timedelta(days=1)
"""An older entry is no news: a place that was never told anything is not told the whole flight."""


class Outlet(Struct):
    """One place: what it must still be sent, what it knows of each cause, when it was last sent something.

    `gate_in` is when the phase began whose open gate it knows.
    """

    hook: Webhook
    channel: Channel
    waiting: list[Item] = field(default_factory=list)
    stories: Mapping[str, Story] = field(default_factory=dict)
    told_at: datetime | None = None
    gate_in: datetime | None = None

    def wants(self, event: str) -> bool:
        """Whether the place wants such events."""
        return event in self.hook.events

    def resting(self, now: datetime, speed: float) -> bool:
        """Whether the last message is too young for another."""
        return self.told_at is not None and 0 <= (now - self.told_at).total_seconds() < self.hook.wait / speed


class Said(Struct, frozen=True):
    """What one message to a place would say now: its items, the first line first, and the causes among them."""

    items: tuple[Item, ...]
    causes: tuple[str, ...]


class NoticeDispatcher:
    """Sends the notices that are due. `service` is the name of the session."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        service: str = "",
        quiet: QuietHours | None = None,
        tz: tzinfo | None = None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self._outlets = tuple(outlets)
        self._service = clean(service, 40)
        self._quiet = quiet
        self._tz = tz
        self._scrub = scrub
        self._heard: Heard | None = None
        self._began: datetime | None = None
        self._open_since: datetime | None = None

    def due(self, judgement: Judgement) -> Sequence[Notice]:
        """Return what is to be sent now; at the first look what a place was never told of.

        Nothing in the first seconds of a watch: until its sources had time to answer it is not known what stands.
        """
        if not self._outlets or self._early(judgement):
            return ()
        before, ringing = self._heard, self._hear(judgement)
        self._open_since = (self._open_since or judgement.at) if judgement.gate.open else None
        found = [one for one in standing(judgement, self._failing()) if not one.id.startswith("notice.")]
        fresh = list(self._entries(judgement, before))
        for outlet in self._outlets:
            if before is None:
                self._recall(judgement, outlet)
            else:
                outlet.waiting += [item for item in fresh if outlet.wants(item.event)]
            outlet.stories = followed(outlet.stories, found, ringing, judgement) if outlet.wants("alarms") else {}
        return self._released(judgement)

    def _early(self, judgement: Judgement) -> bool:
        """Whether this watch has only just begun."""
        self._began = self._began or judgement.at
        cadence = judgement.state.plan.cadence
        return 0 <= (judgement.at - self._began).total_seconds() < cadence.deadline + cadence.tick

    def _hear(self, judgement: Judgement) -> set[str]:
        """Return the causes that call now."""
        self._heard, ringing = hear(self._heard, judgement, self._quiet)
        return {alarm.cause for alarm in ringing}

    def _failing(self) -> Mapping[str, datetime]:
        return self._heard.failing if self._heard else {}

    def _recall(self, judgement: Judgement, outlet: Outlet) -> None:
        """Begin with what whoever watched before told a place, and what it, or an act while nobody watched, did not."""
        outlet.stories = recalled(judgement, outlet.hook.name)
        outlet.gate_in = judgement.state.entered_at if judgement.gate.open else None
        known = {name for sent in messages_to(judgement.state, outlet.hook.name) for name in sent.listed("alarms")}
        recent = (entry for entry in judgement.state.entries if judgement.at - entry.at < _NEWS)
        items = (item for item in self._written(judgement, recent) if outlet.wants(item.event))
        outlet.waiting = [item for item in items if not known.intersection(item.ids)]

    async def send(self, notice: Notice) -> Sequence[Draft]:
        """Send a notice to its places side by side; an entry says how each ended. Raises nothing."""
        channels = [outlet.channel for outlet in self._outlets if outlet.hook.name in notice.channels]
        endings = await asyncio.gather(*(channel.post(notice) for channel in channels))
        drafts = (_draft(notice, channel.name, why) for channel, why in zip(channels, endings, strict=True))
        return [replace(draft, text=self._scrub(draft.text)) for draft in drafts]

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(outlet.channel.aclose() for outlet in self._outlets), return_exceptions=True)

    def _entries(self, judgement: Judgement, before: Heard | None) -> Iterable[Item]:
        """Return what was written since the last look, oldest first."""
        seen = before.seq if before is not None else judgement.state.seq
        fresh = list(takewhile(lambda entry: entry.seq > seen, reversed(judgement.state.entries)))
        return self._written(judgement, reversed(fresh))

    def _written(self, judgement: Judgement, entries: Iterable[Entry]) -> Iterator[Item]:
        """Yield a notice for each entry that some place wants."""
        return (self._masked(of_entry(judgement, entry, self._tz)) for entry in entries if is_told(entry))

    def _released(self, judgement: Judgement) -> Sequence[Notice]:
        """Return the messages that need wait no longer, judged as of now; places that are told the same share one."""
        now, state, ready = judgement.at, judgement.state, dict[tuple[Item, ...], list[str]]()
        for outlet in self._outlets:
            said = self._said(judgement, outlet)
            urgent = any(item.urgent for item in said.items)
            if not said.items or (outlet.resting(now, state.plan.speed) and not urgent):
                continue
            self._keep(judgement, outlet, said)
            ready.setdefault(said.items, []).append(outlet.hook.name)
        service, where = self._service or clean(state.plan.title, 40), self._scrub(head(judgement, self._service))
        return [Notice(now, service, state.phase, where, items, tuple(names)) for items, names in ready.items()]

    def _said(self, judgement: Judgement, outlet: Outlet) -> Said:
        """Return what a message to a place would say now: the worst that stands first, what is over last."""
        stories = [(story, due(story, judgement, self._quiet)) for story in outlet.stories.values()]
        stands = [story for story, saying in stories if saying is Saying.STANDS]
        stands.sort(key=lambda story: (rank(story.alarm.id), -story.alarm.at.timestamp()))
        over = [story for story, saying in stories if saying is Saying.OVER]
        items = [
            *(of_alarm(judgement, story.alarm, self._tz, story) for story in stands),
            *([of_gate(judgement)] if self._gate_is_news(judgement, outlet) else []),
            *sorted(outlet.waiting if self._awake(judgement.at) else (), key=lambda item: item.since, reverse=True),
            *(of_end(judgement, story, self._tz) for story in over),
        ]
        return Said(tuple(map(self._masked, items)), tuple(story.alarm.cause for story in (*stands, *over)))

    def _keep(self, judgement: Judgement, outlet: Outlet, said: Said) -> None:
        """Remember that this was sent to a place."""
        now = judgement.at
        outlet.told_at = now
        again = {cause: told(outlet.stories[cause], judgement) for cause in said.causes}
        outlet.stories = {**outlet.stories, **again}
        if self._awake(now):
            outlet.waiting = []
        if any(item.event == "gate" for item in said.items):
            outlet.gate_in = judgement.state.entered_at

    def _gate_is_news(self, judgement: Judgement, outlet: Outlet) -> bool:
        """Whether the gate stands open, and a place does not know it of this phase: it may open and close again."""
        if self._open_since is None or not outlet.wants("gate") or not self._awake(judgement.at):
            return False
        lasts = judgement.at - self._open_since >= moment(judgement.state.plan)
        return lasts and outlet.gate_in != judgement.state.entered_at

    def _awake(self, now: datetime) -> bool:
        """Whether these are no quiet hours."""
        return self._quiet is None or self._quiet.over(now) == now

    def _masked(self, item: Item) -> Item:
        return replace(item, lines=tuple(self._scrub(line) for line in item.lines))


def open_dispatcher(
    settings: Settings,
    secrets: Secrets,
    tz: tzinfo | None = None,
    open_channel: Callable[[Webhook, Secrets], Channel] = Channel,
) -> NoticeDispatcher:
    """Return the dispatcher of the settings; nothing is revealed or connected before something is sent."""
    wanted = settings.notifications
    outlets = [Outlet(hook, open_channel(hook, secrets)) for hook in wanted.webhooks]
    return NoticeDispatcher(outlets, settings.service, quiet_hours(wanted.quiet, tz), tz, secrets.scrub)


def _draft(notice: Notice, channel: str, why: str) -> Draft:
    what = notice.items[0].lines[0]
    facts: dict[str, Fact] = {"channel": channel, "alarms": notice.ids}
    if why:
        return Draft("notice.failed", _WATCH, clean(f"notice NOT sent to {channel}: {why}"), {**facts, "reason": why})
    return Draft("notice.sent", _WATCH, clean(f"notice sent to {channel}: {what}"), facts)
