"""How the screen calls: a bell once per edge, a title that says phase and worst state."""

from datetime import timedelta

import pytest

from cockpit.settings.models.notifications import Notifications
from cockpit.settings.models.settings import Settings
from cockpit.tui.app import Cockpit
from cockpit.tui.bell_and_title import GIVE_BACK, KEEP, TerminalAlerts, title
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, TZ
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


async def flown(judgement, settings, keys):
    door = FakeDoor(judgement)
    app = Cockpit(door, tz=TZ, clock=lambda: NOW, settings=settings)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        flight = Flown(app, door, pilot)
        await flight.settle()
        await flight.press(*keys)
        return door.asked, flight.text(), app.theme


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
