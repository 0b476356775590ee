"""Tells other places what turned, in the process that watches; each thing once for each place.

A place that fails is told as an entry and disturbs nobody.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile

from msgspec import Struct, field
from msgspec.structs import replace

from cockpit.notices.notice import Item, Notice
from cockpit.notices.webhook import Channel
from cockpit.notices.wording import head, is_told, of_alarm, of_entry, of_gate
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secrets
from sessions.alarms.alarms import Alarm, Heard, hear
from sessions.alarms.quiet_hours import QuietHours, quiet_hours
from sessions.alarms.undelivered import told_to, untold
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.entries import Draft, Entry, Fact

_WATCH = "watch"
_NEWS = timedelta(days=1)
"""An older entry is no news: a place that was never told anything is not told the whole flight."""


class Outlet(Struct):
    """One place with what it is still to be told, and when it was last told anything."""

    hook: Webhook
    channel: Channel
    waiting: list[Item] = field(default_factory=list)
    told_at: datetime | None = None

    def resting(self, now: datetime) -> bool:
        """Whether the last message is too young for another."""
        return self.told_at is not None and 0 <= (now - self.told_at).total_seconds() < self.hook.wait


class NoticeDispatcher:
    """Says what is due, and sends it. `service` is what the flight is called."""

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
        self._opened_in: datetime | None = None

    def due(self, judgement: Judgement) -> Sequence[Notice]:
        """Return what is to be sent now, each once; at the first look what a place was never told of."""
        if not self._outlets:
            return ()
        before = self._heard
        items = [*self._alarms(judgement), *self._entries(judgement, before), *self._gate(judgement)]
        for outlet in self._outlets:
            news = items if before is not None else self._missed(judgement, outlet)
            outlet.waiting += [item for item in news if item.event in outlet.hook.events]
        return self._released(judgement)

    async def send(self, notice: Notice) -> Sequence[Draft]:
        """Send a notice to its places side by side; an entry says how each ended. Raises nothing."""
        channels = [outlet.channel for outlet in self._outlets if outlet.hook.name in notice.channels]
        endings = await asyncio.gather(*(channel.post(notice) for channel in channels))
        drafts = (_draft(notice, channel.name, why) for channel, why in zip(channels, endings, strict=True))
        return [replace(draft, text=self._scrub(draft.text)) for draft in drafts]

    async def aclose(self) -> None:
        """Let go of every connection."""
        await asyncio.gather(*(outlet.channel.aclose() for outlet in self._outlets), return_exceptions=True)

    def _alarms(self, judgement: Judgement) -> Iterable[Item]:
        """Return the alarms that ring now."""
        self._heard, ringing = hear(self._heard, judgement, self._quiet)
        return self._told(judgement, ringing)

    def _missed(self, judgement: Judgement, outlet: Outlet) -> Iterator[Item]:
        """Yield what whoever watched before, or acted while nobody did, could not tell a place of."""
        yield from self._told(judgement, untold(judgement, outlet.hook.name, self._quiet))
        known = {name for _, names in told_to(judgement.state, outlet.hook.name) for name in names}
        recent = (entry for entry in judgement.state.entries if judgement.at - entry.at < _NEWS)
        yield from (item for item in self._written(judgement, recent) if not known.intersection(item.ids))

    def _told(self, judgement: Judgement, alarms: Iterable[Alarm]) -> Iterator[Item]:
        """Yield what is said of alarms; that a place cannot be reached is not told to places."""
        for alarm in alarms:
            if not alarm.id.startswith("notice."):
                yield self._masked(of_alarm(judgement, alarm, self._tz))

    def _entries(self, judgement: Judgement, before: Heard | None) -> Iterable[Item]:
        """Return what was written since the last look, oldest first."""
        seen = before.seq if before is not None else judgement.state.seq
        fresh = list(takewhile(lambda entry: entry.seq > seen, reversed(judgement.state.entries)))
        return self._written(judgement, reversed(fresh))

    def _written(self, judgement: Judgement, entries: Iterable[Entry]) -> Iterator[Item]:
        """Yield what is said of those entries that anybody is told of."""
        return (self._masked(of_entry(judgement, entry, self._tz)) for entry in entries if is_told(entry))

    def _gate(self, judgement: Judgement) -> Iterator[Item]:
        """Yield an open gate once in each phase: one that opens and closes tells nothing new."""
        if judgement.gate.open and self._opened_in != judgement.state.entered_at:
            self._opened_in = judgement.state.entered_at
            yield self._masked(of_gate(judgement))

    def _released(self, judgement: Judgement) -> Sequence[Notice]:
        """Return the messages that need wait no longer; places that are told the same share one."""
        now, ready = judgement.at, dict[tuple[Item, ...], list[str]]()
        for outlet in self._outlets:
            items = tuple(item for item in outlet.waiting if self._ripe(item, now))
            if items and (any(item.urgent for item in items) or not outlet.resting(now)):
                outlet.waiting = [item for item in outlet.waiting if item not in items]
                outlet.told_at = now
                ready.setdefault(items, []).append(outlet.hook.name)
        state = judgement.state
        service, said = self._service or clean(state.plan.title, 40), self._scrub(head(judgement, self._service))
        return [Notice(now, service, state.phase, said, items, tuple(names)) for items, names in ready.items()]

    def _ripe(self, item: Item, now: datetime) -> bool:
        """Alarms waited for the morning already where they had to."""
        return item.event == "alarms" or self._quiet is None or self._quiet.over(now) == now

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
