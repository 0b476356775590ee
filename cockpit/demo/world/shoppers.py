"""Virtual shoppers: testers who are always there, and as many real shoppers as the flag lets in."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp

from cockpit.demo.world.document_writer import Document
from cockpit.demo.world.flag_file import SLA_MESSAGE
from cockpit.demo.world.scenarios import HAD_FLAG, Scene
from cockpit.demo.world.seed import PRIORITIES, SCORES, TITLES
from cockpit.demo.world.shop import KEYS
from sessions.plan.model import Plan

TESTERS = 34.0
PER_PERCENT = 0.6
LEAST = 28.0
BUSIEST = 700.0
"""Requests per second of all endpoints together that one core carries well."""

TICKETS_PER_HOUR = 6.0
CSAT_PER_HOUR = 24.0
_PATIENCE = 0.5

EVENLY = (5**0.5 - 1) / 2
"""Visitors come by steps of this share of all: any stretch of them holds the flag's share, never by chance another."""


EAGER = 0.4
"""The share of an endpoint's requests that come from those with the flag, at least: they come to try the feature."""


def requests_per_window(plan: Plan, percent: int, endpoints: int) -> float:
    """Return the requests that each endpoint gets in a window of traffic at `percent`."""
    ceiling = max(LEAST, BUSIEST * plan.windows.length / endpoints)
    return min(TESTERS + PER_PERCENT * percent, ceiling)


class Quota:
    """How much of something steady is due: a rate summed up over time."""

    def __init__(self) -> None:
        self._due = 0.0
        self._at: float | None = None

    def take(self, per_second: float, now: float) -> bool:
        """Say whether one is due at `now` (seconds), and take it."""
        self._due = min(self._due + per_second * (now - (now if self._at is None else self._at)), 50.0)
        self._at = now
        if self._due < 1:
            return False
        self._due -= 1
        return True


class Shoppers:
    """The crowd. Each request carries a business key: mostly one that was sent before, a new one when one is due."""

    def __init__(self, plan: Plan, scene: Scene, rng: random.Random, past: Mapping[str, Sequence[Document]]) -> None:
        self._plan = plan
        self._scene = scene
        self._rng = rng
        self._number = self._visits = 0
        self._turns = Counter[str]()
        self._per_hour = {item.name: item.per_hour for item in plan.collections}
        self._quotas = {name: Quota() for name in (*KEYS, "tickets", "csat", "upset")}
        self._sent = {
            name: deque(({field: doc[field] for field in fields} for doc in past[name][-200:]), maxlen=200)
            for name, fields in KEYS.items()
        }
        self._scores: list[int] = []
        self._cases: deque[dict[str, Any]] = deque(maxlen=50)
        self._answers: deque[dict[str, Any]] = deque(maxlen=50)
        self._background: set[asyncio.Task[None]] = set()
        self.bodies: dict[str, Callable[[float], dict[str, Any]]] = {
            "GET /concierge": self._visit,
            "POST /shortlists": lambda now: self._keyed("shortlists", now),
            "POST /capsules": lambda now: self._keyed("capsules", now),
            "POST /returns": lambda now: self._keyed("returns", now),
            "POST /stylist/tickets": self._ticket,
            "POST /csat": self._csat,
        }

    async def crowd(self, session: aiohttp.ClientSession) -> None:
        """Send requests to every endpoint until cancelled."""
        async with asyncio.TaskGroup() as group:
            for endpoint in self.bodies:
                group.create_task(self._pace(session, endpoint))

    async def _pace(self, session: aiohttp.ClientSession, endpoint: str) -> None:
        """Send evenly with some jitter, for windows must not run thin by chance; a late start is caught up."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._rng.random() * 0.1
        while True:
            await asyncio.sleep(due - loop.time())
            sending = loop.create_task(self._send(session, endpoint, self.bodies[endpoint](loop.time())))
            self._background.add(sending)
            sending.add_done_callback(self._background.discard)
            percent = self._scene.flags.percent
            apart = self._plan.windows.length / requests_per_window(self._plan, percent, len(self.bodies))
            due = max(due + apart * self._rng.uniform(0.7, 1.3), loop.time() - _PATIENCE)

    async def _send(self, session: aiohttp.ClientSession, endpoint: str, body: dict[str, Any]) -> None:
        method, path = endpoint.split(" ", 1)
        content: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
        content["headers"] = {HAD_FLAG: "on" if self._has_flag(endpoint, body) else "off"}
        try:
            async with session.request(method, path, **content) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return  # a shopper who gets no answer walks away; the service's own metrics tell

    def _has_flag(self, endpoint: str, body: Mapping[str, Any]) -> bool:
        """Say whether a request comes from somebody whom the flag lets in; those without it stay, and fare well."""
        if "exposed" in body:
            return bool(body["exposed"])
        percent = self._scene.flags.percent
        self._turns[endpoint] += 1
        return bool(percent) and self._turns[endpoint] * EVENLY % 1 < max(EAGER, percent / 100)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _shopper(self) -> str:
        """Name a shopper whom the flag lets in; the last two digits say who is let in first."""
        return f"s{self._rng.randrange(50):02}{self._rng.randrange(max(1, self._scene.flags.percent)):02}"

    def _visit(self, _now: float) -> dict[str, Any]:
        """Name any visitor, let in or not, and say which: whom the flag leaves out is seen here and nowhere else."""
        self._visits += 1
        bucket = int(100 * (self._visits * EVENLY % 1))
        visitor = f"s{self._rng.randrange(50):02}{bucket:02}"
        return {"shopperId": visitor, "exposed": int(bucket < self._scene.flags.percent)}

    def _hourly(self, name: str, per_hour: float, now: float) -> bool:
        return self._quotas[name].take(per_hour / 3600, now)

    def _keyed(self, name: str, now: float) -> dict[str, Any]:
        """Return a key of a growing collection, new as often as the plan promises at this share."""
        sent = self._sent[name]
        if not self._hourly(name, self._per_hour.get(name, 0.0) * self._scene.flags.percent / 100, now):
            return {"shopperId": self._shopper(), **self._rng.choice(sent)}
        number, shopper = self._next(), self._shopper()
        fresh: dict[str, dict[str, Any]] = {
            "shortlists": {"shopperId": shopper, "listNo": 100_000 + number},
            "capsules": {"shopperId": shopper, "lookId": f"new-look-{number}"},
            "returns": {"orderId": f"new-order-{number}", "itemId": f"item-{number % 7}"},
        }
        sent.append(fresh[name])
        return {"shopperId": shopper, **fresh[name]}

    def _ticket(self, now: float) -> dict[str, Any]:
        """Return a ticket: the SLA message answers every second one before it is written."""
        per_hour = TICKETS_PER_HOUR + self._scene.effects.tickets * 60
        rate = per_hour * self._scene.speed * (0.5 if self._scene.on(SLA_MESSAGE) else 1.0)
        if self._cases and not self._hourly("tickets", rate, now):
            return self._rng.choice(self._cases)
        number = self._next()
        ticket = {"caseId": f"case-{number}", "title": TITLES[number % len(TITLES)], "urgent": number % 9 == 0}
        ticket |= {"shopperId": self._shopper(), "priority": self._rng.choice(PRIORITIES)}
        self._cases.append(ticket)
        return ticket

    def _csat(self, now: float) -> dict[str, Any]:
        upset = self._scene.effects.upset * 60 * self._scene.speed
        if upset and self._hourly("upset", upset, now):
            return self._answer(self._rng.choice((1, 2)))
        rate = (CSAT_PER_HOUR + 0.2 * self._scene.flags.percent) * self._scene.speed
        if self._answers and not self._hourly("csat", rate, now):
            return self._rng.choice(self._answers)
        if not self._scores:
            self._scores = self._rng.sample(SCORES, len(SCORES))
        return self._answer(self._scores.pop())

    def _answer(self, score: int) -> dict[str, Any]:
        answer = {"answerId": f"answer-{self._next()}", "score": score, "shopperId": self._shopper()}
        self._answers.append(answer)
        return answer
