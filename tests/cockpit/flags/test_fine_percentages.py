"""Steps under 1 %: each kind of flag holds a percentage exactly, or refuses it before anything is asked."""

import tomllib
from typing import Any

import pytest

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.flagd.writer import _percent, _weighted
from cockpit.flags.http.client import Line
from cockpit.flags.http.writer import HttpFlag
from cockpit.flags.interface.writer import FlagError, percent_of, share_of
from cockpit.flags.launchdarkly.flag import move_to, seen
from cockpit.flags.launchdarkly.writer import LaunchDarklyFlag, reach_of
from cockpit.flags.opening import Opening, Wanted, open_writer
from cockpit.settings.file.load import too_fine_for
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flag_services import Command, Http, Unleash
from cockpit.settings.models.flag_services import LaunchDarkly as Dark
from cockpit.settings.models.flags import KINDS, Targets, finest
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret, Secrets
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import Table
from sessions.values.percent import exact_percent
from tests.support.build import PLAN, T0
from tests.support.peers.flag_peers import flag_peer
from tests.support.peers.ld_peer import LaunchDarkly, flag
from tests.support.peers.unleash_peer import Unleash as UnleashPeer

ALL = [exact_percent(number / 100) for number in range(10_001)]
FINE = (0.01, 0.5, 12.25, 33.33, 99.99)
WHOLE = (0, 1, 25, 100)
SECRETS = Secrets({"TOKEN": "hunter2-canary"})
SHARE = """
read = { url = "%s/flag", percent = "share", whole = 1 }
write = { url = "%s/flag", body = { share = "{share}", rest = "{rest}", percent = "{percent}" } }
"""


class Share:
    """An API that holds a share of one."""

    def __init__(self):
        self.share = 0.1

    def __call__(self, method, path, document):
        if method != "GET":
            assert document["share"] + document["rest"] == pytest.approx(1)
            self.share = document["share"]
        return 200, {"share": self.share}


def http(url, **keys):
    table = tomllib.loads(SHARE % (url, url)) | keys
    spec = read(Http, Table(table))
    return HttpFlag(Line(spec, SECRETS, 20.0), spec, SECRETS)


def dark(url):
    spec = Dark(url=url, token=Secret("${TOKEN}"), environment="production")
    return LaunchDarklyFlag(Line(reach_of(spec), SECRETS, 20.0), spec, "concierge")


def unleash(url):
    spec = Unleash(url=url, token=Secret("${TOKEN}"), environment="development")
    return Opening(lambda: None, SECRETS, 20.0).writer(spec, "concierge", ())


def flagd(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(first_text(PLAN), "utf-8")
    return Opening(lambda: None, SECRETS, 20.0).writer(Flagd(file=str(path)), PLAN.flag, ())


def command(tmp_path, **keys):
    path = tmp_path / "share"
    path.write_text("0", "utf-8")
    spec = Command(read=("cat", str(path)), write=("sh", "-c", 'printf %s "$1" > "$0"', str(path), "{percent}"), **keys)
    return Opening(lambda: None, SECRETS, 20.0).writer(spec, "concierge", ())


async def holds(writer, percents):
    """Each is written, and read back as exactly that."""
    for percent in percents:
        await writer.write(percent)
        value = await writer.read(T0)
        assert value.percent == percent
        assert str(value.percent) == str(percent)
        assert "".join(writer.by_hand(percent))
    await writer.aclose()


async def refuses(writer, percents, told):
    for percent in percents:
        with pytest.raises(FlagError, match=told):
            await writer.write(percent)
    await writer.aclose()


async def test_launchdarkly_holds_them():
    async with flag_peer(LaunchDarkly(flag())) as peer:
        await holds(dark(peer.url), (*FINE, *WHOLE))


async def test_flagd_holds_them(tmp_path):
    await holds(flagd(tmp_path), (*FINE, *WHOLE))


async def test_the_session_holds_them():
    await holds(Opening(lambda: (0, ()), SECRETS, 20.0).writer(Session(), "concierge", ()), (*FINE, *WHOLE))


async def test_an_api_holds_them_where_its_owner_says_so():
    async with flag_peer(Share()) as peer:
        await holds(http(peer.url, decimals=2), (*FINE, *WHOLE))
    async with flag_peer(Share()) as peer:
        await refuses(http(peer.url), FINE, r"takes whole percentages only, not \d")
        assert peer.asked == []
        await holds(http(peer.url), WHOLE)


async def test_a_program_holds_them_where_its_owner_says_so(tmp_path):
    await holds(command(tmp_path, decimals=2), (*FINE, *WHOLE))
    await refuses(command(tmp_path), FINE, "takes whole percentages only")
    await refuses(command(tmp_path, decimals=1), (0.01, 12.25), "takes percentages with 1 decimal at most")
    await holds(command(tmp_path, decimals=1), (0.5, *WHOLE))


async def test_unleash_holds_whole_ones_only_and_says_so_before_it_asks():
    async with flag_peer(UnleashPeer()) as peer:
        await refuses(unleash(peer.url), FINE, r"takes whole percentages only, not \d")
        assert peer.asked == []
        await holds(unleash(peer.url), WHOLE)


async def test_of_several_targets_nobody_is_moved_where_one_cannot_hold_it(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(first_text(PLAN), "utf-8")
    places = {"a": Flagd(file=str(path)), "b": Command(read=("printf", "0"), write=("touch", str(tmp_path / "ran")))}
    wanted = Wanted(PLAN.flag, (), 20.0, lambda: (0, ()))
    await refuses(open_writer(Targets(targets=places), wanted, SECRETS), FINE, "takes whole percentages only")
    assert path.read_text("utf-8") == first_text(PLAN)
    assert not (tmp_path / "ran").exists()


def test_every_percentage_with_two_decimals_is_read_back_from_flagd_as_it_was_written():
    text = first_text(PLAN)
    for percent in ALL:
        assert _percent(_weighted(text, PLAN.flag, percent), PLAN.flag) == percent


def test_every_percentage_with_two_decimals_is_read_back_from_launchdarkly_as_it_was_written():
    peer, spec = LaunchDarkly(flag()), Dark(environment="production")
    for percent in ALL:
        moves = move_to(percent, seen(peer.flags["concierge"], spec), spec)
        peer("PATCH", "/api/v2/flags/default/concierge", {"environmentKey": "production", "instructions": moves})
        assert seen(peer.flags["concierge"], spec).percent == percent


@pytest.mark.parametrize("whole", [1, 7, 100, 1000, 100_000])
def test_every_percentage_with_two_decimals_is_read_back_from_a_share_as_it_was_written(whole):
    for percent in ALL:
        assert percent_of(share_of(percent, whole), whole) == percent


@pytest.mark.parametrize(
    ("place", "kind", "decimals"),
    [
        (Session(), "session", 2),
        (Flagd(file="x"), "flagd", 2),
        (Dark(environment="x"), "launchdarkly", 2),
        (Unleash(environment="x"), "unleash", 0),
        (Command(), "command", 0),
        (Command(decimals=1), "command", 1),
        (Http(), "http", 0),
        (Targets(targets={"a": Flagd(file="x"), "b": Unleash(environment="x")}), "b: unleash", 0),
        (Targets(targets={"a": Flagd(file="x"), "b": Unleash(environment="x")}, rollout=("a",)), "a: flagd", 2),
    ],
)
def test_what_of_a_plan_its_flag_cannot_hold_is_said_in_one_line(place, kind, decimals):
    assert finest(place) == (kind, decimals)
    problems = {each: too_fine_for(plan_at(each), Settings(flag=place)) for each in (1, 0.5, 0.25)}
    refused = [percent for percent, found in problems.items() if found]
    assert refused == {0: [0.5, 0.25], 1: [0.25], 2: []}[decimals]
    for percent in refused:
        (problem,) = problems[percent]
        assert f"{kind} takes" in problem.what
        assert problem.what.endswith(f"and the plan has a phase of {percent} %")
        assert "\n" not in str(problem)


def plan_at(percent):
    phases: Any = PLAN.table["phases"]
    first, *rest = phases
    return plan_from({**PLAN.table, "phases": [{**first, "percent": percent}, *rest]})


def test_every_kind_says_how_fine_it_is():
    assert {kind: hasattr(KINDS[kind], "decimals") for kind in KINDS} == dict.fromkeys(KINDS, True)
