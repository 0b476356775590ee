"""How the screen calls: a bell once per edge, a title that says phase and worst state, keys of the owner's choice."""

from datetime import timedelta

import pytest

from cockpit.settings.models.notifications import Notifications
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.keymap import DEFAULTS, clashes, keys_of, step_clashes
from cockpit.tui.app import Cockpit
from cockpit.tui.bell_and_title import GIVE_BACK, KEEP, TerminalAlerts, title
from cockpit.tui.keys import ALL, KeyClashError, bound, step_bindings
from sessions.values.requests import Act, Request
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, PLAN, TZ
from tests.support.screen.pilots import Flown
from tests.support.screen.sample import breach, breach_flight, burning, calm, paused
from widgets.base.view import View

QUIET = Notifications(bell=False, title=False)


def view(judgement):
    return View(judgement, NOW, TZ)


def test_the_bell_rings_once_per_edge():
    calling = TerminalAlerts(Notifications(title=False), "")
    said = [calling.to(view(judgement())) for judgement in (calm, calm, breach, breach, calm, breach)]
    assert said == ["", "", "\a", "", "", "\a"]


def test_what_stands_when_the_screen_opens_rings_no_bell_until_it_repeats():
    calling = TerminalAlerts(Notifications(title=False), "")
    assert calling.to(view(breach())) == ""
    later = breach_flight().judged(NOW + timedelta(minutes=4, seconds=1))
    assert [calling.to(View(later, later.at, TZ)) for _ in range(2)] == ["\a", ""]


@pytest.mark.parametrize(("quiet", "rung"), [("", "\a"), ("13:00-15:00", ""), ("14:04-15:00", "\a")])
def test_in_quiet_hours_of_the_owners_time_only_what_cannot_wait_rings(quiet, rung):
    calling = TerminalAlerts(Notifications(title=False, quiet=quiet), "", TZ)
    assert [calling.to(view(judgement())) for judgement in (calm, breach)] == ["", rung]
    assert [calling.to(view(judgement())) for judgement in (calm, burning)] == ["", "\a"]


def test_who_wants_no_call_gets_none():
    calling = TerminalAlerts(QUIET, "shop")
    assert [calling.to(view(judgement())) for judgement in (calm, breach, burning)] == ["", "", ""]
    assert calling.over() == ""


@pytest.mark.parametrize(
    ("judgement", "told"),
    [(breach, "25 % ◆ breach"), (burning, "25 % ◆ fuse"), (paused, "25 % ▲ paused"), (calm, "25 % ▲ hold")],
)
def test_the_title_says_phase_and_worst_state(judgement, told):
    assert title(view(judgement()), "") == told
    assert title(view(judgement()), "shop") == f"{told} · shop"


def test_a_silent_watch_is_blind_in_the_title_too():
    late = View(calm(), NOW.replace(year=NOW.year + 1), TZ)
    assert title(late, "").endswith("◌ blind")


def test_the_title_is_written_when_it_changes_and_given_back_at_the_end():
    calling = TerminalAlerts(Notifications(bell=False), "")
    assert calling.to(view(calm())) == f"{KEEP}\x1b]0;25 % ▲ hold\a"
    assert calling.to(view(calm())) == ""
    assert calling.to(view(paused())) == "\x1b]0;25 % ▲ paused\a"
    assert calling.over() == GIVE_BACK


@pytest.mark.parametrize("service", ["\x1b]52;c;x\a", "shop\x07\x1b[2J", "a\nb"])
def test_no_foreign_control_gets_into_the_title(service):
    said = TerminalAlerts(Notifications(bell=False), service).to(view(calm()))
    inside = said.removeprefix(f"{KEEP}\x1b]0;").removesuffix("\a")
    assert inside.isprintable()


def test_keys_known_without_a_screen_are_all_that_a_keymap_may_name():
    assert keys_of({}) == dict(DEFAULTS)
    assert bound({}) == ALL


@pytest.mark.parametrize(
    "keymap",
    [
        {"log.note": "f2"},
        {"log.note": "e", "log.export": "n"},
        {"rollout.pause": "P", "rollout.resume": "P"},
        {"rollout.pause": "P"},
        {"app.quit": "ctrl+x"},
        {"app.quit": "Q", "log.note": "q"},
        {"help.show": "?"},
        {"app.palette": ";"},
        {"pause": ("space", "f5")},
        {"pause": ("space", "P"), "resume": ("space", "P")},
        {"log.note": ("n", "f2")},
        {"screen.deck": "0"},
    ],
)
def test_what_a_keymap_may_do(keymap):
    assert list(clashes(keymap)) == []
    keys = [
        key for row in bound(keymap) if row.id not in ("rollout.pause", "rollout.resume") for key in row.key.split(",")
    ]
    assert len(keys) == len(set(keys))
    assert "app.quit" in {row.id for row in bound(keymap)}


def test_a_step_that_wants_the_key_of_an_act_is_refused():
    with pytest.raises(KeyClashError, match="is taken by Note"):
        step_bindings(PLAN, bound({"log.note": "s"}))


async def flown(judgement, settings, keys):
    door = FakeDoor(judgement)
    app = Cockpit(door, tz=TZ, clock=lambda: NOW, settings=settings)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        flight = Flown(app, door, pilot)
        await flight.settle()
        await flight.press(*keys)
        return door.asked, flight.text(), app.theme


async def test_an_act_has_the_owners_key_and_no_longer_its_own():
    settings = Settings(keymap={"log.observe": "f2"})
    assert (await flown(calm(), settings, ["f2"]))[0] == [Request(Act.OBSERVE)]
    assert (await flown(calm(), settings, ["o"]))[0] == []


@pytest.mark.parametrize(
    ("keymap", "told"),
    [
        ({"pause": ("space", "n")}, '"n" is the key of log.note'),
        ({"pause": ("f5", "f5")}, '"f5" stands twice'),
        ({"pause": ("space", "g")}, '"g" is a key of the tasks and the sheets'),
        ({"pause": ("space", "f99")}, '"f99" is no key to give'),
        ({"pause": ()}, "names no key"),
        ({"pause": "f5", "rollout.pause": "f6"}, "rollout.pause stands twice"),
        ({"note": ("n", "f2"), "export": ("e", "f2")}, '"f2" is the key of log.export'),
    ],
)
def test_what_is_wrong_with_several_keys_is_told(keymap, told):
    name, what, hint = next(iter(clashes(keymap)))
    assert name in keymap
    assert what.startswith(told)
    assert hint


def test_one_of_several_keys_that_a_step_wants_is_told():
    assert list(step_clashes({"pause": ("space", "s")}, {"latency_spike.inspect": "s"})) == [
        ("pause", '"s" is the letter of the runbook step latency_spike.inspect', "choose another")
    ]
    with pytest.raises(KeyClashError, match="is taken by Pause"):
        step_bindings(PLAN, bound({"pause": ("space", "s")}))


@pytest.mark.parametrize("key", ["space", "f5"])
async def test_each_of_several_keys_does_the_act_and_the_line_shows_the_first(key):
    settings = Settings(keymap={"pause": ("space", "f5")})
    assert (await flown(calm(), settings, [key]))[0] == [Request(Act.PAUSE)]
    _, text, _ = await flown(calm(), settings, [])
    assert "space Pause" in text.splitlines()[-1]
    assert "f5" not in text.splitlines()[-1]


async def test_the_help_shows_every_key_of_an_act():
    _, text, _ = await flown(calm(), Settings(keymap={"pause": ("space", "f5")}), ["question_mark"])
    assert "space f5" in text


async def test_pausing_moves_and_resuming_stays():
    settings = Settings(keymap={"rollout.pause": "P"})
    assert (await flown(calm(), settings, ["P"]))[0] == [Request(Act.PAUSE)]
    assert (await flown(calm(), settings, ["space"]))[0] == []
    assert (await flown(paused(), settings, ["space"]))[0] == [Request(Act.RESUME)]


async def test_the_screen_shows_the_owners_keys():
    asked, text, _ = await flown(burning(), Settings(keymap={"fuse.defuse": "D", "fuse.extend": "f3"}), ["f3"])
    assert asked == [Request(Act.EXTEND, subject="latency_spike")]
    assert "D defuse  f3 extend  r revert now" in text
    _, text, _ = await flown(calm(), Settings(keymap={"log.note": "f2"}), [])
    assert "f2 Note" in text


async def test_the_theme_is_the_owners():
    assert (await flown(calm(), Settings(theme="day"), []))[2] == "day"
    assert (await flown(calm(), Settings(), []))[2] == "night"


async def test_the_terminal_hears_the_bell_of_an_edge_once():
    door = FakeDoor(calm())
    app = Cockpit(door, tz=TZ, clock=lambda: NOW, settings=Settings(notifications=Notifications(title=False)))
    async with app.run_test(size=(160, 48)) as pilot:
        flight = Flown(app, door, pilot)
        await flight.settle()
        written = []
        app._driver.write = written.append
        for judgement in (calm(), breach(), breach()):
            door._judgement = judgement
            app.paint()
        await flight.settle()
        assert written.count("\a") == 1
