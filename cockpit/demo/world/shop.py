"""The concierge itself: what each endpoint does with a request, without HTTP and without waiting."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cockpit.demo.world.document_writer import Document, Records
from cockpit.demo.world.flag_file import CAP_ESCALATIONS, STUB_FALLBACK
from cockpit.demo.world.scenarios import Scene
from cockpit.demo.world.seed import STUCK
from cockpit.demo.world.traffic.request_log import INSTANCE, REQUEST
from sessions.plan.model import Plan

KEYS = {"capsules": ("shopperId", "lookId"), "shortlists": ("shopperId", "listNo"), "returns": ("orderId", "itemId")}
"""What makes two documents one, per collection."""

RUN = "runId"
"""The field that marks what a synthetic run wrote."""

GROWS = {"POST /capsules": "capsules", "POST /shortlists": "shortlists", "POST /returns": "returns"}
"""Which collection an endpoint grows."""

NEEDS_DATABASE = (*GROWS, "POST /stylist/tickets")

Body = Mapping[str, Any]
Reply = tuple[int, Document]

FAILING_EVERY = 2
"""Of the requests of an endpoint that fails, one in so many ends in an error; counted, never by chance."""


class Shop:
    """The rules of the service. Every method answers (status, reply) at once."""

    def __init__(self, plan: Plan, scene: Scene, records: Records, past: Mapping[str, Sequence[Document]]) -> None:
        self._plan = plan
        self._scene = scene
        self.records = records
        self._hour = timedelta(seconds=3600 / plan.speed)
        self._flags = _flow_flags(plan)
        self._known = {name: {_key(doc, fields) for doc in past[name]} for name, fields in KEYS.items()}
        self._seen: set[str] = set()
        self._asked = dict.fromkeys(plan.endpoints, 0)
        self.newest: deque[Document] = deque(past["capsules"][-3:], maxlen=3)
        self.tickets = [doc for doc in past["stylistTickets"] if doc["status"] == "open"]
        self.moving = [doc for doc in past["returns"] if doc["status"] != "refunded"][STUCK:]
        self.endpoints: dict[str, Callable[[Body, datetime], Reply]] = {
            "GET /concierge": self._concierge,
            "POST /shortlists": self._shortlist,
            "POST /capsules": self._capsule,
            "POST /returns": self._return,
            "POST /stylist/tickets": self._ticket,
            "POST /csat": self._csat,
        }

    def answer(self, endpoint: str, body: Body, now: datetime) -> Reply:
        """Do what the endpoint does; 400 for a body that lacks what it needs.

        The journey writes its event even if its flow is frozen: instrumentation follows the shopper, not the database.
        """
        try:
            status, reply = self._failed(endpoint) or self.endpoints[endpoint](body, now)
        except KeyError as error:
            return 400, {"error": "is missing", "field": str(error.args[0])}
        except (TypeError, ValueError):
            return 400, {"error": "bad body"}
        if status == 200:
            self._tell(endpoint, body, now)
        return status, reply

    def rehearse(self, endpoint: str, body: Body, now: datetime) -> Reply:
        """Answer a synthetic request as a shopper's, failing, frozen and stubbed alike, and write no document.

        A run with a name writes its event.
        """
        status, reply = self._failed(endpoint) or self._rehearsed(endpoint)
        if status == 200 and RUN in body:
            self._tell(endpoint, body, now)
        return status, reply

    def _rehearsed(self, endpoint: str) -> Reply:
        if self._scene.on(self._flags.get(GROWS.get(endpoint, ""), "")):
            return 200, {"frozen": True}
        refused = self._refused() if endpoint in NEEDS_DATABASE else None
        return refused or (200, {"synthetic": True})

    def _tell(self, endpoint: str, body: Body, now: datetime) -> None:
        """Write the analytics event of each journey on this endpoint."""
        for journey in self._plan.journeys:
            if endpoint in journey.endpoints and journey.id not in self._scene.effects.mute:
                event = {"journey": journey.id, "ts": now, "shopperId": str(body.get("shopperId", ""))}
                self.records.insert("analytics_events", {**event, **_marks(body)})

    def _concierge(self, body: Body, now: datetime) -> Reply:
        if "exposed" in body:
            visitor, exposed = str(body["shopperId"]), str(body["exposed"]) == "1"
            met = {"userId": visitor, "flag": self._plan.flag, "exposed": exposed, "ts": now}
            self.records.insert("exposures", met)
        return 200, {"looks": ["linen", "harbour", "alpaca"], "shopperId": body.get("shopperId", "")}

    def _shortlist(self, body: Body, now: datetime) -> Reply:
        key = {"shopperId": str(body["shopperId"]), "listNo": int(body["listNo"])}
        return self._grow("shortlists", key, {"createdAt": now, **_marks(body)})[0]

    def _capsule(self, body: Body, now: datetime) -> Reply:
        key = {"shopperId": str(body["shopperId"]), "lookId": str(body["lookId"])}
        document = {"status": "held", "createdAt": now, "expiresAt": now + 60 * self._hour, **_marks(body)}
        reply, created = self._grow("capsules", key, document)
        if created:
            self.newest.append({**key, **document})
        return reply

    def _return(self, body: Body, now: datetime) -> Reply:
        key = {"orderId": str(body["orderId"]), "itemId": str(body["itemId"])}
        document = {"status": "requested", "createdAt": now, "updatedAt": now, **_marks(body)}
        reply, created = self._grow("returns", key, document)
        if created:
            self.moving.append({**key, **document})
        return reply

    def _grow(self, collection: str, key: Document, document: Document) -> tuple[Reply, bool]:
        """Upsert by business key: the first request creates, all others find it there."""
        if self._scene.on(self._flags.get(collection, "")):
            return (200, {"frozen": True}), False
        value, known = _key(key, KEYS[collection]), self._known[collection]
        if value in known:
            return (200, {"created": False}), False
        if (refused := self._refused()) is not None:
            return refused, False
        created = self.records.upsert(collection, key, document)
        if created:
            known.add(value)
        return (200, {"created": created}), created

    def _failed(self, endpoint: str) -> Reply | None:
        """Answer one in so many requests of an endpoint whose back end fails."""
        if endpoint not in self._scene.effects.failing:
            return None
        self._asked[endpoint] += 1
        return None if self._asked[endpoint] % FAILING_EVERY else self._fallback("back end failed")

    def _refused(self) -> Reply | None:
        """Answer without a database."""
        return None if self.records.healthy else self._fallback("no database")

    def _fallback(self, why: str) -> Reply:
        """Answer with an error, or with a stub where the fallback is on."""
        return (200, {"stub": True}) if self._scene.on(STUB_FALLBACK) else (503, {"error": why})

    def _once(self, number: str) -> bool:
        """Say whether this case or answer was not seen yet, and remember it."""
        new = number not in self._seen
        self._seen.add(number)
        return new

    def _ticket(self, body: Body, now: datetime) -> Reply:
        case, title, priority = str(body["caseId"]), str(body["title"]), str(body["priority"])
        if (refused := self._refused()) is not None:
            return refused
        if not self._once(case):
            return 200, {"created": False}
        escalated = bool(body.get("urgent")) and not self._scene.on(CAP_ESCALATIONS)
        ticket = {"_id": case, "title": title, "status": "open", "createdAt": now}
        ticket |= {"priority": "P1" if escalated else priority, "escalated": escalated, **_marks(body)}
        if self.records.insert("stylistTickets", ticket):
            self.tickets.append(ticket)
        return 200, {"created": True}

    def _csat(self, body: Body, now: datetime) -> Reply:
        answer, score = str(body["answerId"]), int(body["score"])
        if not 1 <= score <= 5:
            raise ValueError(score)
        if self._once(answer):
            said = {name: str(body[name]) for name in ("comment", "flow") if name in body}
            self.records.insert("csat", {"score": score, "ts": now, **said, **_marks(body)})
        return 200, {"thanks": True}


def _flow_flags(plan: Plan) -> dict[str, str]:
    """Return the switch that freezes each collection."""
    flags = {flow.id: flow.flag for flow in plan.flows}
    return {item.name: flags[item.flow] for item in plan.collections if item.flow in flags}


def _marks(body: Body) -> Document:
    """Return what says who wrote a document: the request, the instance, and the run where it is a synthetic one."""
    return {name: str(body[name]) for name in (RUN, REQUEST, INSTANCE) if name in body}


def _key(document: Body, fields: Sequence[str]) -> tuple[object, ...]:
    return tuple(document.get(field) for field in fields)
