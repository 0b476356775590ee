"""A shop in FastAPI, as its owner wrote it: the usual exporter, and its flag asked of Unleash for each user.

usage: services-python shop.py PORT UNLEASH_URL FAULT_FILE

What the test adds: FAULT_FILE. While it says `slow`, whoever has the flag waits for 400 ms more.
"""

import asyncio
import itertools
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Response
from prometheus_fastapi_instrumentator import Instrumentator
from UnleashClient import UnleashClient

PORT, UNLEASH, FAULT = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
STEPS = tuple(step / 100 for step in range(12))
BUCKETS = (0.05, 0.1, *(round(0.15 + s, 2) for s in STEPS), 0.3, 0.4, 0.5, *(round(0.55 + s, 2) for s in STEPS), 0.8, 1)
"""Steps of 10 ms around what the shop takes, and where it is slow; an edge at the plan's bound, 400 ms."""

app = FastAPI()
Instrumentator(excluded_handlers=["/metrics"]).instrument(app, latency_lowr_buckets=BUCKETS).expose(app)
flags = UnleashClient(
    f"{UNLEASH}/api",
    "shop",
    refresh_interval=1,
    disable_metrics=True,
    disable_registration=True,
    custom_headers={"Authorization": os.environ["UNLEASH_CLIENT_TOKEN"]},
)
flags.initialize_client()
offers, baskets = itertools.count(), itertools.count()


def fault() -> str:
    return FAULT.read_text("utf-8").strip() if FAULT.exists() else ""


async def work(number: int, user: str, response: Response) -> str:
    """Take 160 to 220 ms, one of 25 in vain; say in a header who had the flag."""
    begun = time.perf_counter()
    new = flags.is_enabled("new-offers", {"userId": user})
    response.headers["x-flag"] = "on" if new else "off"
    await asyncio.sleep((160 + number * 37 % 61) / 1000 + (0.4 if new and fault() == "slow" else 0))
    response.headers["x-took"] = f"{1000 * (time.perf_counter() - begun):.2f}"
    if number % 25 == 24:
        raise HTTPException(500, headers={name: response.headers[name] for name in ("x-flag", "x-took")})
    return "new" if new else "old"


@app.get("/offers")
async def show(response: Response, user: Annotated[str, Header()]) -> dict[str, str]:
    return {"offers": await work(next(offers), user, response)}


@app.post("/baskets", status_code=201)
async def fill(response: Response, user: Annotated[str, Header()]) -> dict[str, str]:
    return {"basket": await work(next(baskets), user, response)}


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", access_log=False)
