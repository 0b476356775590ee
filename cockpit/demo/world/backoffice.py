"""The people behind the service: stylists close tickets, carriers move returns, somebody tidies up."""

import random
from datetime import datetime, timedelta

from cockpit.demo.world.document_writer import Document, Records
from cockpit.demo.world.flag_file import SLA_MESSAGE
from cockpit.demo.world.scenarios import Scene
from cockpit.demo.world.seed import CSAT_HOURS, EVENT_HOURS, EXPOSURE_HOURS, LINES, TICKET_HOURS, TRIAGE_HOURS
from cockpit.demo.world.shop import Shop
from cockpit.demo.world.traffic.request_log import CALM_HOURS, COLLECTION, FAILED, HOURS, INSTANCE, INSTANCES, REQUEST

CLOSED_PER_HOUR = 24.0
CLOSED_WITH_MESSAGE = 36.0
TIDY_SECONDS = 2.0
"""Tidying takes the server a while, so even a fast world rests in between."""

CRITICAL = "Checkout loses the capsules of returning shoppers"

NEXT = {"requested": "in_transit", "in_transit": "received", "received": "refunded"}


class Backoffice:
    """What happens without any request. `work` is called several times a second; hours are the plan's."""

    def __init__(self, scene: Scene, shop: Shop, records: Records, rng: random.Random, now: datetime) -> None:
        self._scene = scene
        self._shop = shop
        self._records = records
        self._rng = rng
        self._at = now
        self._tidied = self._told = now
        self._capacity = 0.0
        self._wanted = 10
        self._twins: list[Document] = []
        self._critical: str = ""

    async def work(self, now: datetime) -> None:
        """Catch up to `now`."""
        hours = self._hours(now - self._at)
        self._at = now
        self._close_tickets(hours, now)
        self._move_returns(hours, now)
        if self._hours(now - self._told) >= 0.5:
            self._told = now
            level, title = self._rng.choice(LINES)
            self._records.insert("triage_log", {"level": level, "title": title, "ts": now, "resolved": True})
        self._alarm(now)
        await self._duplicate(now)
        if (now - self._tidied).total_seconds() >= max(600 / self._scene.speed, TIDY_SECONDS):
            self._tidied = now
            await self._tidy(now)

    def _hours(self, span: timedelta) -> float:
        return span.total_seconds() * self._scene.speed / 3600

    def _ago(self, now: datetime, hours: float) -> datetime:
        return now - timedelta(seconds=hours * 3600 / self._scene.speed)

    def _close_tickets(self, hours: float, now: datetime) -> None:
        """Close the older tickets, as many as stylists can, down to a queue of about ten."""
        gain = hours * (CLOSED_WITH_MESSAGE if self._scene.on(SLA_MESSAGE) else CLOSED_PER_HOUR)
        self._capacity = min(self._capacity + gain, 1 + gain)
        tickets = self._shop.tickets
        while self._capacity >= 1 and len(tickets) > self._wanted:
            self._capacity -= 1
            self._wanted = self._rng.randint(8, 11)
            ticket = tickets.pop(self._rng.randrange(1 + len(tickets) // 2))
            self._records.update("stylistTickets", {"_id": ticket["_id"]}, {"status": "closed", "closedAt": now})

    def _move_returns(self, hours: float, now: datetime) -> None:
        """Let each open return take its next step every six hours or so."""
        moving = self._shop.moving
        for item in [item for item in moving if self._rng.random() < hours / 6 or self._waits(item, now)]:
            item.update(status=NEXT[item["status"]], updatedAt=now)
            change = {"status": item["status"], "updatedAt": now}
            self._records.update("returns", {"orderId": item["orderId"], "itemId": item["itemId"]}, change)
            if item["status"] == "refunded":
                moving.remove(item)

    def _waits(self, item: Document, now: datetime) -> bool:
        return bool(item["updatedAt"] < self._ago(now, 16))

    def _alarm(self, now: datetime) -> None:
        """Leave a critical line in the triage log while the scenario wants one, and mark it resolved afterwards."""
        wanted = self._scene.effects.critical
        if wanted and not self._critical:
            self._critical = f"critical-{now.timestamp():.0f}"
            line = {"_id": self._critical, "level": "critical", "title": CRITICAL, "ts": now, "resolved": False}
            self._records.insert("triage_log", line)
        elif self._critical and not wanted:
            self._records.update("triage_log", {"_id": self._critical}, {"resolved": True})
            self._critical = ""

    async def _duplicate(self, now: datetime) -> None:
        """Write the newest capsules twice while the scenario wants it, and delete the copies when it is mended."""
        wanted = self._scene.effects.duplicates
        if wanted and not self._twins:
            await self._records.flush()  # an upsert that came after its twin would find that, and write nothing
            newest = list(self._shop.newest)[-wanted:]
            wrote = {"createdAt": now, INSTANCE: INSTANCES[0]}
            self._twins = [
                {**doc, **wrote, "_id": f"twin-{place}", REQUEST: f"req-retried-{place}"}
                for place, doc in enumerate(newest)
            ]
            for twin in self._twins:
                self._records.insert("capsules", twin)
        elif self._twins and not wanted:
            names = [twin["_id"] for twin in self._twins]
            if await self._records.delete("capsules", {"_id": {"$in": names}}):
                self._twins = []

    async def _tidy(self, now: datetime) -> None:
        """Release capsules that expired, and forget what is too old to matter."""
        expired = {"status": "held", "expiresAt": {"$lt": self._ago(now, 1)}}
        self._records.update("capsules", expired, {"status": "released"})
        old = self._ago(now, EVENT_HOURS)
        await self._records.delete("analytics_events", {"ts": {"$lt": old}})
        await self._records.delete(COLLECTION, {"ts": {"$lt": self._ago(now, HOURS)}})
        await self._records.delete(COLLECTION, {"status": {"$lt": FAILED}, "ts": {"$lt": self._ago(now, CALM_HOURS)}})
        await self._records.delete("csat", {"ts": {"$lt": self._ago(now, CSAT_HOURS)}})
        await self._records.delete("exposures", {"ts": {"$lt": self._ago(now, EXPOSURE_HOURS)}})
        await self._records.delete("triage_log", {"ts": {"$lt": self._ago(now, TRIAGE_HOURS)}})
        closed = {"status": "closed", "closedAt": {"$lt": self._ago(now, TICKET_HOURS)}}
        await self._records.delete("stylistTickets", closed)
