"""Asking a Prometheus once: which metrics it has that count and time requests, of which job, how often it scrapes."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import FAILURES, advice, open_client, reason
from cockpit.settings.models.traffic import Metrics, Prometheus
from cockpit.settings.schema.secrets import SecretError, Secrets
from cockpit.setup.found import Counter, Traffic
from cockpit.setup.look.samples import Sample
from cockpit.setup.look.traffic import counters, endpoint_of, lacking, traffic
from cockpit.sources.prometheus.api import Api, QueryResult
from sessions.text.clean import clean

PATIENCE = 10.0
"""Seconds that all questions together may take."""
_MOST = 2_000
_WORDS = "http|request|response|duration|latency|handler"
_HISTOGRAMS = f'topk({_MOST}, count by (__name__, job) ({{__name__=~".*({_WORDS}).*_bucket", le="+Inf"}}))'
_EVENTS = 'topk(500, {__name__=~".*(event|journey).*_total"})'


class Seen(Struct, frozen=True):
    """What a Prometheus knows: as `page.Asked`, with the job whose metrics these are and how often it is scraped."""

    traffic: Traffic | None = None
    events: tuple[Counter, ...] = ()
    notes: tuple[str, ...] = ()
    job: str = ""
    interval: float = 0.0


async def ask_prometheus(spec: Prometheus, secrets: Secrets) -> Seen:
    """Ask it. What cannot be asked is a note, nothing is raised."""
    try:
        api = Api(open_client(spec, secrets, PATIENCE), spec.url)
    except (SecretError, *FAILURES) as error:
        return Seen(notes=(f"prometheus: {error}: export it, and try again",))
    try:
        async with asyncio.timeout(PATIENCE):
            return await _asked(api)
    except TimeoutError:
        return Seen(notes=(f"prometheus: no answer in {PATIENCE:g} s: can it be reached from here?",))
    except FAILURES as error:
        why = reason(error, PATIENCE)
        return Seen(notes=(f"prometheus: {clean(why, 160)}: {advice(why)}",))
    finally:
        await api.aclose()


async def _asked(api: Api) -> Seen:
    names = [row.labels for row in (await api.now(_HISTOGRAMS)).rows]
    jobs = list(dict.fromkeys(row.get("job", "") for row in names))
    events = counters(_samples(await api.now(_EVENTS)))
    best: list[Seen] = []
    for job in jobs[:20]:
        durations = [row.get("__name__", "").removesuffix("_bucket") for row in names if row.get("job", "") == job]
        best.append(await _of_job(api, job, durations))
    good = [seen for seen in best if seen.traffic and seen.traffic.endpoints]
    if not good:
        why = [note for seen in best for note in seen.notes][:1]
        none = "prometheus: has no histogram of requests (name_bucket): is the service one of its targets?"
        return Seen(events=events, notes=tuple(why or [none]))
    first = max(good, key=lambda seen: sum(row.requests for row in seen.traffic.endpoints) if seen.traffic else 0)
    others = [seen.job for seen in good if seen.job != first.job]
    told = (
        [f"prometheus: requests of the job {first.job} are taken; there are others: {', '.join(others)}"]
        if others
        else []
    )
    return replace(first, events=events, notes=tuple(clean(note, 300) for note in told))


async def _of_job(api: Api, job: str, durations: Sequence[str]) -> Seen:
    """Look at one job: its histograms by their highest bucket, its counters, then its traffic of the last hour."""
    selector = f'job="{_escaped(job)}"' if job else ""
    names = "|".join(durations[:20])
    buckets = await api.now(f'topk({_MOST}, {{__name__=~"({names})_bucket", {selector}}})')
    counted = await api.now(f'topk({_MOST}, {{__name__=~".*({_WORDS}).*_(total|count)", {selector}}})')
    every = [*_samples(buckets), *_samples(counted)]
    found = traffic(every)
    if found is None:
        return Seen(notes=(f"prometheus: {lacking(every)}",) if every else (), job=job)
    rates = await _per_hour(api, found.metrics, selector)
    rows = tuple(replace(row, per_hour=rates.get(row.name)) for row in found.endpoints)
    return Seen(replace(found, endpoints=rows), job=job, interval=await _interval(api, selector))


async def _per_hour(api: Api, metrics: Metrics, selector: str) -> Mapping[str, float]:
    labels = ", ".join(filter(None, (metrics.method, metrics.endpoint)))
    answer = await api.now(f"sum by ({labels}) (increase({metrics.requests}{{{selector}}}[1h]))")
    sums = defaultdict[str, float](float)
    for row in answer.rows:
        sums[endpoint_of(row.labels, metrics)] += row.points[0][1]
    return sums


async def _interval(api: Api, selector: str) -> float:
    """Return how many seconds lie between two scrapes, as they were lately; 0 if that cannot be told."""
    answer = await api.now(f"up{{{selector}}}[5m]")
    gaps = [
        round(two[0] - one[0], 1) for row in answer.rows for one, two in zip(row.points, row.points[1:], strict=False)
    ]
    return sorted(gaps)[len(gaps) // 2] if gaps else 0.0


def _samples(answer: QueryResult) -> list[Sample]:
    found = []
    for row in answer.rows:
        labels = {name: value for name, value in row.labels.items() if value and name != "__name__"}
        found.append(Sample(row.labels.get("__name__", ""), labels, row.points[0][1] if row.points else 0.0))
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
