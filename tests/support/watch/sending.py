"""Everybody who sends a secret, opened with one that a command prints: each asks once, and says what came of it."""

import tomllib
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.interface.writer import FlagError
from cockpit.flags.opening import Opening
from cockpit.notices.webhook import Channel
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models import flag_providers as kinds
from cockpit.settings.models import flag_services as services
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.models.settings import KINDS, Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret
from cockpit.sources.opening import Opener
from sessions.plan.strict_table import Table
from tests.support.build import PLAN, T0
from tests.support.peers.ld_peer import LaunchDarkly
from tests.support.peers.minting import PRINTED
from tests.support.peers.unleash_peer import Unleash
from tests.support.sources.ordering import SLOW
from tests.support.watch.noticing import notice

LOGINS = {"token": "token = {secret}", "password": 'user = "me"\npassword = {secret}'}
BESIDE = {
    "prometheus": 'url = "URL"\nexposure = { users = "sum(users[$window])", exposed = "sum(exposed[$window])" }',
    "scrape": 'urls = ["URL/metrics"]',
    "probe": f'url = "URL"\nrate = 50\nrequests = [{{ endpoint = "{PLAN.endpoints[0]}", path = "/x" }}]',
    "json": 'url = "URL/x"\ntopic = "queue"',
    "alertmanager": 'url = "URL"',
    "journey": 'url = "URL"\nevery = "1s"\nsteps = [{ name = "look", path = "/x" }]',
}
SOURCES = [f"{kind}.{key}" for kind in BESIDE for key in LOGINS]
HTTP = """
read = { url = "URL/flag", percent = "share" }
write = { url = "URL/flag", body = { share = "{percent}" } }
"""
FLAGS = ["http.token", "http.password", "launchdarkly.token", "unleash.token", "unleash.client_token", "flagd.token"]
USERS = [*SOURCES, *FLAGS, "webhook.url"]


def model_of(model, text):
    table = Table(tomllib.loads(text))
    found = read(model, table)
    assert [str(problem) for problem in table.problems] == []
    return found


@asynccontextmanager
async def user(key, url, secrets, tmp_path, secret=PRINTED):
    """Yield what asks once; it returns what is told of that, or raises it."""
    shown = f'"{secret.template}"' if secret.template else f"{{ command = {list(secret.argv)!r} }}"
    if key == "webhook.url":
        asks = [channel(secrets, secret)]
    elif key in SOURCES:
        asks = await sources(key, url, secrets, shown)
    else:
        asks = [writer(key, url, secrets, secret, tmp_path)]
    try:
        yield lambda: all_of(asks)
    finally:
        for _, each in asks:
            await each.aclose()


async def all_of(asks):
    """Return what all told, the reason where one failed."""
    told = []
    for ask, _ in asks:
        try:
            told.append(await ask())
        except (AnswerError, FlagError) as error:
            told.append(str(error))
    return repr(told)


async def sources(key, url, secrets, shown):
    kind, name = key.split(".")
    text = f"{BESIDE[kind]}\n{LOGINS[name]}".replace("URL", url).replace("{secret}", shown)
    found = Settings(sources={"one": model_of(KINDS[kind], text)})
    opened = await Opener(found, SLOW, secrets).openings()[0].open()
    return [(lambda each=each: each.read(datetime.now(UTC)), each) for each in opened]


def channel(secrets, secret):
    opened = Channel(Webhook(name="phone", kind="json", url=secret, timeout=20.0), secrets, rests=())
    return (lambda: opened.post(notice())), opened


def writer(key, url, secrets, secret, tmp_path):
    """Return what reads a flag, or asks what users get."""
    file = tmp_path / "flags.json"
    file.write_text(first_text(PLAN), "utf-8")
    hers = Secret("known to all")
    place = {
        "http.token": lambda: model_of(services.Http, HTTP.replace("URL", url)),
        "launchdarkly.token": lambda: services.LaunchDarkly(url=url, token=secret, environment="production"),
        "unleash.token": lambda: services.Unleash(url=url, token=secret, environment="development"),
        "unleash.client_token": lambda: services.Unleash(
            url=url, token=hers, client_token=secret, environment="development"
        ),
        "flagd.token": lambda: kinds.Flagd(file=str(file), serving=url, token=secret),
    }
    place["http.password"] = place["http.token"]
    spec = place[key]()
    if isinstance(spec, services.Http):
        login = {"token": secret} if key == "http.token" else {"user": "me", "password": secret}
        spec = services.Http(read=spec.read, write=spec.write, **login)
    flag = Opening(lambda: None, secrets, 20.0).writer(spec, "concierge", ())
    asked = flag.verify if key in ("unleash.client_token", "flagd.token") else None
    return (lambda: asked(10, T0) if asked else flag.read(T0)), flag


def served(key):
    """Return what answers: a back end for a flag writer, something for a source to be disappointed by."""
    if key.startswith("unleash"):
        return Unleash()
    return LaunchDarkly() if key.startswith("launchdarkly") else lambda *_: (200, {"share": 10, "value": True})
