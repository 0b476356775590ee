"""The past of the service: some days of documents, spread over plan time, up to this moment."""

import random
from datetime import datetime, timedelta

from cockpit.demo.world.document_writer import Document
from cockpit.demo.world.traffic.monitor import EVERY
from sessions.plan.model import Plan

HOUR = 3600.0
EVENT_HOURS = 2.5
CSAT_HOURS = 8
EXPOSURE_HOURS = 2
TICKET_HOURS = 24
TRIAGE_HOURS = 48
STUCK = 2
"""Returns that nobody moves; they come first."""

SCORES = (5,) * 55 + (4,) * 33 + (3,) * 11 + (2,)
"""A hundred answers of content shoppers; dealt like cards, so that low ones never crowd by chance."""

LINES = (
    ("info", "Nightly catalogue import finished"),
    ("info", "Stylist shift changed"),
    ("warning", "Image cache 81 % full"),
    ("info", "Look book refreshed"),
    ("warning", "Carrier answered slowly"),
)


class Past:
    """A writer of history that ends at `now`; hours are the plan's, shortened by its speed."""

    def __init__(self, plan: Plan, rng: random.Random, now: datetime) -> None:
        self._plan = plan
        self._rng = rng
        self._now = now

    def ago(self, hours: float) -> datetime:
        """Return the moment that many plan hours ago; negative hours lie ahead."""
        return self._now - timedelta(seconds=hours * HOUR / self._plan.speed)

    def somewhen(self, oldest: float, newest: float = 0.0) -> datetime:
        """Return any moment between two ages in plan hours."""
        return self.ago(self._rng.uniform(newest, oldest))

    def capsules(self, count: int = 600) -> list[Document]:
        """Return held capsules, about a fifth of which expires within a day."""
        return [
            {
                "shopperId": f"s{self._rng.randrange(5000):04}",
                "lookId": f"look-{number}",
                "status": "held",
                "createdAt": self.somewhen(120),
                "expiresAt": self.somewhen(-120, -2),
            }
            for number in range(count)
        ]

    def shortlists(self, count: int = 500) -> list[Document]:
        """Return shortlists."""
        return [
            {"shopperId": f"s{self._rng.randrange(5000):04}", "listNo": number, "createdAt": self.somewhen(120)}
            for number in range(count)
        ]

    def returns(self, count: int = 200, moving: int = 24) -> list[Document]:
        """Return a few returns that are stuck, some that move, and many that are done."""
        stuck = [self._return(number, "in_transit", 72, 44) for number in range(STUCK)]
        open_ones = [
            self._return(number, ("requested", "in_transit", "received")[number % 3], 6, 0)
            for number in range(STUCK, moving)
        ]
        return stuck + open_ones + [self._return(number, "refunded", 96, 8) for number in range(moving, count)]

    def _return(self, number: int, status: str, oldest: float, newest: float) -> Document:
        updated = self.somewhen(oldest, newest)
        created = updated - timedelta(seconds=8 * HOUR / self._plan.speed)
        key = {"orderId": f"order-{number}", "itemId": f"item-{number % 7}"}
        return {**key, "status": status, "createdAt": created, "updatedAt": updated}

    def tickets(self, closed: int = 40, waiting: int = 8) -> list[Document]:
        """Return closed tickets of the last day, and open ones of the last hour and a half."""
        done = [self._ticket(number, self.somewhen(TICKET_HOURS, 3)) for number in range(closed)]
        for ticket in done:
            closed_at = ticket["createdAt"] + timedelta(seconds=HOUR / self._plan.speed)
            ticket.update(status="closed", closedAt=closed_at)
        ages = [1.5 * (waiting - place) / waiting for place in range(waiting)]
        return done + [self._ticket(closed + place + 2, self.ago(age)) for place, age in enumerate(ages)]

    def _ticket(self, number: int, created: datetime) -> Document:
        return {
            "_id": f"past-{number}",
            "title": TITLES[number % len(TITLES)],
            "status": "open",
            "priority": self._rng.choice(PRIORITIES),
            "escalated": False,
            "createdAt": created,
        }

    def csat(self, per_hour: int = 24) -> list[Document]:
        """Return the answers of the last hours."""
        count = round(CSAT_HOURS * per_hour)
        scores = (SCORES * (1 + count // len(SCORES)))[:count]
        dealt = self._rng.sample(scores, count)
        return [
            {"score": score, "ts": self.ago((place + 0.5) / per_hour), **said(score, place)}
            for place, score in enumerate(dealt)
        ]

    def triage(self, per_hour: float = 1.0) -> list[Document]:
        """Return lines that raise no alarm."""
        count = int(TRIAGE_HOURS * per_hour)
        lines = [LINES[number % len(LINES)] for number in range(count)]
        return [
            {"level": level, "title": title, "ts": self.ago((place + 0.5) / per_hour), "resolved": True}
            for place, (level, title) in enumerate(lines)
        ]

    def events(self) -> list[Document]:
        """Return the events that the monitor's runs left for each monitored journey; no shopper had the feature yet."""
        apart = EVERY / 2 / self._plan.speed
        count = int(EVENT_HOURS * HOUR / self._plan.speed / apart)
        return [
            {
                "journey": journey.id,
                "ts": self._now - timedelta(seconds=apart * (place + self._rng.uniform(0.0, 0.6))),
                "shopperId": "",
                "runId": f"monitor-past-{place}",
            }
            for journey in self._plan.journeys
            for place in range(count)
        ]


def past(plan: Plan, rng: random.Random, now: datetime) -> dict[str, list[Document]]:
    """Return the documents of every collection that the world begins with."""
    told = Past(plan, rng, now)
    return {
        "analytics_events": told.events(),
        "capsules": told.capsules(),
        "shortlists": told.shortlists(),
        "returns": told.returns(),
        "stylistTickets": told.tickets(),
        "csat": told.csat(),
        "triage_log": told.triage(),
    }


TITLES = (
    "Capsule arrived without the scarf",
    "Which size runs small in the linen blazer?",
    "[/] markup",
    "Stylist never called back",
    "Return label will not print",
    "[@click=app.quit]x[/]",
    "Two capsules reserved, wanted one",
    "\x1b[31mred alert\x1b[0m\x07 in the title",
    "Please swap the green dress for the blue one",
    "Gift wrapping for order of last week",
    "Shortlist shows a coat that is sold out",
    "Is the alpaca pullover itchy? " + "Very, very itchy? " * 30,
    "Cannot see my stylist's answer",
    "\u202egnitirw sdrawkcab",
)

FLOWS = ("capsules", "returns", "stylist")
LOW_WORDS = (
    "Waited two days for an answer",
    "The capsule was held for somebody else",
    "[/] and the label would not print",
    "Nobody called back, \x1b[31mnobody\x1b[0m",
)
WORDS = ("Lovely", "Just what I was looking for", "Quick and kind", "Fine")


def said(score: int, number: int) -> dict[str, str]:
    """Return what a shopper wrote beside a score, and which flow it was about."""
    words = LOW_WORDS if score <= 2 else WORDS
    return {"comment": words[number % len(words)], "flow": FLOWS[number % len(FLOWS)]}


PRIORITIES = ("P2", "P3", "P3", "P3")
"""Priorities as shoppers' tickets get them; P1 comes with escalation only."""
