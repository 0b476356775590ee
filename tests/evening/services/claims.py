"""A claims desk in Flask, as its owner wrote it: it logs each request into its database in a shape of its own.

usage: services-python claims.py PORT FAULT_FILE

Its flag is a share in the database's own `settings`, read each second. What the test adds: FAULT_FILE. While it says
`twice`, the quick claim of whoever has the flag is written down twice.
"""

import itertools
import os
import queue
import sys
import threading
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, g, jsonify, request
from pymongo import MongoClient
from waitress import serve

PORT, FAULT = int(sys.argv[1]), Path(sys.argv[2])
base = MongoClient(os.environ["CLAIMS_MONGO_URI"]).desk
app = Flask(__name__)
looks, claims = itertools.count(), itertools.count()
share = {"percent": 0}
lines: queue.SimpleQueue[tuple[str, dict]] = queue.SimpleQueue()


def write() -> None:
    """Write the log beside the requests, several lines at once."""
    while True:
        taken = [lines.get()]
        while not lines.empty() and len(taken) < 200:
            taken.append(lines.get())
        for name in {name for name, _ in taken}:
            base[name].insert_many([line for other, line in taken if other == name])


def follow() -> None:
    """Read the share anew each second."""
    while True:
        share["percent"] = (base.settings.find_one({"_id": "quick-claims"}) or {"percent": 0})["percent"]
        time.sleep(1)


def fault() -> str:
    return FAULT.read_text("utf-8").strip() if FAULT.exists() else ""


@app.before_request
def begin() -> None:
    g.begun = time.perf_counter()
    g.on = zlib.crc32(request.headers["user"].encode()) % 10_000 < 100 * share["percent"]


@app.after_request
def log(response):
    took = time.perf_counter() - g.begun
    asked = {"verb": request.method, "route": str(request.url_rule), "by": request.headers["user"]}
    told = {"code": response.status_code, "took_s": took}
    lines.put(("access", {"req": asked, "res": told, "quick": g.on, "finished": datetime.now(UTC)}))
    response.headers["x-took"] = f"{1000 * took:.2f}"
    response.headers["x-flag"] = "on" if g.on else "off"
    return response


def work(number: int) -> bool:
    """Take 480 to 540 ms: threads beside it are held up for some; whether it was in vain, one of 25."""
    time.sleep((480 + number * 37 % 61) / 1000)
    return number % 25 == 24


@app.get("/claims")
def show():
    return (jsonify(error="no"), 500) if work(next(looks)) else jsonify(claims=[])


@app.post("/claims")
def hand_in():
    number = next(claims)
    if work(number):
        return jsonify(error="no"), 500
    claim = {"number": number, "by": request.headers["user"], "handed_in": datetime.now(UTC)}
    for _ in range((2 if fault() == "twice" else 1) if g.on else 0):
        base.quick_claims.insert_one({**claim})
    lines.put(("happenings", {"what": "claim_handed_in", "when": datetime.now(UTC)}))
    return jsonify(number=number), 201


for beside in (follow, write):
    threading.Thread(target=beside, daemon=True).start()
serve(app, host="127.0.0.1", port=PORT, threads=32, _quiet=True)
