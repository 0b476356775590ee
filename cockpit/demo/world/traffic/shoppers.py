"""Virtual shoppers: they come by chance, as often as the plan expects, and as many as the flag lets in."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import aiohttp

from cockpit.demo.world.document_writer import Document
from cockpit.demo.world.flag_file import SLA_MESSAGE
from cockpit.demo.world.scenarios import Scene
from cockpit.demo.world.seed import PRIORITIES, SCORES, TITLES, said
from cockpit.demo.world.shop import GROWS, KEYS
from cockpit.demo.world.traffic.request import send
from sessions.plan.model import Plan
from sessions.values.percent import decimals_of

VISITS_PER_HOUR = 320.0
"""Looks at the concierge per hour of the plan, by visitors with the flag and without."""

MOST_VISITS = 120.0
"""Visits per second that one core carries well, beside all else: a very fast world has no more."""

TICKETS_PER_HOUR = 6.0
CSAT_PER_HOUR = 24.0

RETRIES = 0.1
"""The share of requests that send a business key once more: a double click, a lost answer."""

_LOOK = 0.1
_PATIENCE = 0.5


class Shoppers:
    """Virtual shoppers. Only shoppers with the flag use the feature, at the plan's rates."""

    def __init__(self, plan: Plan, scene: Scene, rng: random.Random, past: Mapping[str, Sequence[Document]]) -> None:
        self._scene = scene
        self._rng = rng
        self._number = 0
        self._per_hour = {item.name: item.per_hour for item in plan.collections}
        self._sent = {
            name: deque(({field: doc[field] for field in fields} for doc in past[name][-20:]), maxlen=20)
            for name, fields in KEYS.items()
        }
        self._background: set[asyncio.Task[None]] = set()
        self.bodies: dict[str, Callable[[], dict[str, Any]]] = {
            "GET /concierge": self._visit,
            "POST /shortlists": lambda: self._keyed("shortlists"),
            "POST /capsules": lambda: self._keyed("capsules"),
            "POST /returns": lambda: self._keyed("returns"),
            "POST /stylist/tickets": self._ticket,
            "POST /csat": self._csat,
        }

    def per_hour(self, endpoint: str) -> float:
        """Return the requests that an endpoint expects in an hour of this world, as things are now."""
        share, speed = self._scene.flags.percent / 100, self._scene.speed
        match endpoint:
            case "GET /concierge":
                return min(VISITS_PER_HOUR * speed, 3600 * MOST_VISITS)
            case "POST /stylist/tickets":
                waiting = 0.5 if self._scene.on(SLA_MESSAGE) else 1.0  # the message answers every second one
                return (TICKETS_PER_HOUR + self._scene.effects.tickets * 60) * speed * waiting
            case "POST /csat":
                return (CSAT_PER_HOUR * (1 + share) + self._scene.effects.upset * 60) * speed
            case _:
                return self._per_hour.get(GROWS[endpoint], 0.0) * share / (1 - RETRIES)

    async def crowd(self, session: aiohttp.ClientSession) -> None:
        """Send requests to every endpoint until cancelled."""
        async with asyncio.TaskGroup() as group:
            for endpoint in self.bodies:
                group.create_task(self._come(session, endpoint))

    async def _come(self, session: aiohttp.ClientSession, endpoint: str) -> None:
        """Let shoppers come by chance, none the later for the one before; a late start is caught up."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            rate = self.per_hour(endpoint) / 3600
            apart = self._rng.expovariate(rate) if rate else math.inf
            due = max(due + min(apart, _LOOK), loop.time() - _PATIENCE)
            await asyncio.sleep(due - loop.time())
            if apart > _LOOK:
                continue  # chance has no memory: it is asked again, by what is true then
            body = self.bodies[endpoint]()
            sending = loop.create_task(send(session, endpoint, body, flag=self.has_flag(endpoint, body)))
            self._background.add(sending)
            sending.add_done_callback(self._background.discard)

    def has_flag(self, endpoint: str, body: Mapping[str, Any]) -> bool:
        """Say whether a request comes from a shopper with the flag: only they use the feature."""
        if "exposed" in body:
            return bool(body["exposed"])
        return endpoint in GROWS or self._rng.random() * 100 < self._scene.flags.percent

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _shopper(self) -> str:
        """Name a shopper who has the flag: a name ends in its bucket."""
        return f"s{self._rng.randrange(50):02}{self._rng.randrange(max(1, ceil(self._scene.flags.percent))):02}"

    def _visit(self) -> dict[str, Any]:
        """Name a visitor, and say whether they have the flag; visitors without it appear only here."""
        share = self._scene.flags.percent
        parts: int = 10 ** decimals_of(share)  # so many as the share is fine: a name is let in always, or never
        bucket = self._rng.randrange(100 * parts)
        visitor = f"s{self._rng.randrange(50):02}{bucket:02}"
        return {"shopperId": visitor, "exposed": int(bucket < share * parts)}

    def _keyed(self, name: str) -> dict[str, Any]:
        """Return a key of a growing collection, a new one but for retries."""
        sent, shopper = self._sent[name], self._shopper()
        if self._rng.random() < RETRIES:
            return {"shopperId": shopper, **self._rng.choice(sent)}
        number = self._next()
        fresh: dict[str, dict[str, Any]] = {
            "shortlists": {"shopperId": shopper, "listNo": 100_000 + number},
            "capsules": {"shopperId": shopper, "lookId": f"new-look-{number}"},
            "returns": {"orderId": f"new-order-{number}", "itemId": f"item-{number % 7}"},
        }
        sent.append(fresh[name])
        return {"shopperId": shopper, **fresh[name]}

    def _ticket(self) -> dict[str, Any]:
        number = self._next()
        ticket = {"caseId": f"case-{number}", "title": TITLES[number % len(TITLES)], "urgent": number % 9 == 0}
        return ticket | {"shopperId": self._shopper(), "priority": self._rng.choice(PRIORITIES)}

    def _csat(self) -> dict[str, Any]:
        """Return an answer: those of the upset are one or two, all others what content shoppers give."""
        upset = self._scene.effects.upset * 60 * self._scene.speed
        low = self._rng.random() * self.per_hour("POST /csat") < upset
        score = self._rng.choice((1, 2) if low else SCORES)
        number = self._next()
        return {"answerId": f"answer-{number}", "score": score, "shopperId": self._shopper(), **said(score, number)}
