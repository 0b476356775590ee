"""Several flags moved as one, row 77: each has its own end, and what became of each is told."""

import asyncio
import json

import pytest

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.interface.writer import ConflictError, FlagError, PartialError
from cockpit.flags.opening import open_writer
from cockpit.flags.several import Several
from cockpit.flags.wanted import wanted_by
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flag_services import Command
from cockpit.settings.models.flags import Targets
from cockpit.settings.schema.secrets import Secrets
from sessions.state.reducer import State
from sessions.values.flag_value import FlagValue, Target
from tests.support.build import PLAN, T0, after


class Flag:
    """A flag in memory; `fault` is raised by a write, after it was done where `done` says so."""

    name, moves = "fake", True

    def __init__(self, percent=10, fault=None, *, done=False, blind=False, by="", at=None, switches=()):
        self.percent, self.fault, self.done, self.blind = percent, fault, done, blind
        self.by, self.at, self.switches = by, at, switches
        self.writes, self.set, self.version = [], [], 1
        self.unserved, self.narrowed, self.closed = "", "", False

    async def read(self, now):
        if self.blind:
            raise FlagError("down")
        facts = (self.percent, self.switches, self.by, str(self.version), self.at)
        return FlagValue("fake", now, *facts, narrowed=self.narrowed)

    async def switches_on(self):
        if self.blind:
            raise FlagError("down")
        return self.switches

    async def write(self, percent, *, expected="", comment=""):
        self.writes.append((percent, expected, comment))
        if self.fault == "never":
            await asyncio.Event().wait()
        if self.fault is None or self.done:
            self.percent, self.version = percent, self.version + 1
        if self.fault is not None:
            raise self.fault

    async def renew(self):
        return False

    async def verify(self, percent, now):
        return self.unserved

    async def switch(self, name, *, on, comment=""):
        self.set.append((name, on))
        if self.fault is not None:
            raise self.fault

    def by_hand(self, percent):
        return (f"set {percent}",)

    async def rehearse(self, switches):
        return {name: "no such switch" for name in switches if name == "gone"} | ({"": "down"} if self.blind else {})

    async def aclose(self):
        self.closed = True


def together(takers=None, patience=20.0, **flags):
    return Several(flags, [name for name in flags if name != "desk"], takers or {}, patience)


async def test_all_are_moved_and_read_as_one():
    one, two = Flag(), Flag(by="ann", at=after(60))
    flag = together(one=one, two=two)
    value = await flag.read(T0)
    assert (value.source, value.at, value.percent, value.by, value.changed_at) == ("targets", T0, 10, "ann", after(60))
    assert value.targets == (Target("one", 10), Target("two", 10))
    await flag.write(25, expected=value.version, comment="why")
    assert one.writes == two.writes == [(25, "1", "why")]
    assert (await flag.read(T0)).percent == 25
    assert (await flag.read(T0)).version != value.version
    assert list(flag.by_hand(50)) == ["# one", "set 50", "# two", "set 50"]
    await flag.aclose()
    assert one.closed
    assert two.closed


async def test_what_narrows_one_of_them_is_told_of_all():
    one, two = Flag(), Flag()
    two.narrowed = "concierge is narrowed by prerequisite parent"
    value = await together(one=one, two=two).read(T0)
    assert (value.percent, value.narrowed) == (10, "two: concierge is narrowed by prerequisite parent")


async def test_row_77_targets_that_differ_have_no_percentage():
    value = await together(one=Flag(25), two=Flag(10), three=Flag(blind=True)).read(T0)
    assert value.percent is None
    assert value.targets == (Target("one", 25), Target("two", 10), Target("three", None, "down"))
    value = await together(one=Flag(25), two=Flag(blind=True)).read(T0)
    assert value.percent is None, "what cannot be read is no agreement"
    with pytest.raises(FlagError, match="one: down; two: down"):
        await together(one=Flag(blind=True), two=Flag(blind=True)).read(T0)


async def test_row_77_the_outcome_of_each_is_told_and_none_stops_another():
    flags = {
        "good": Flag(),
        "refused": Flag(fault=FlagError("403, credentials?")),
        "lost": Flag(fault=AnswerError("connection lost")),
        "applied": Flag(fault=AnswerError("connection lost"), done=True),
        "hanging": Flag(fault="never"),
        "has it": Flag(25),
    }
    flag = together(patience=1.0, **flags)
    with pytest.raises(PartialError) as caught:
        await flag.write(25)
    assert caught.value.targets == (
        Target("good", 25),
        Target("refused", 10, "refused, 403, credentials?"),
        Target("lost", 10, "unknown, connection lost"),
        Target("applied", 25),
        Target("hanging", 10, "unknown, no answer in 0.4 s"),
        Target("has it", 25),
    )
    assert str(caught.value) == (
        "refused: refused, 403, credentials?; lost: unknown, connection lost; hanging: unknown, no answer in 0.4 s"
    )
    assert flags["has it"].writes == []
    assert not isinstance(caught.value, FlagError), "a refusal says that nothing was written"


async def test_row_77_a_retry_touches_only_those_that_do_not_have_it():
    flags = {"good": Flag(), "slow": Flag(fault=AnswerError("x"))}
    flag = together(**flags)
    with pytest.raises(PartialError):
        await flag.write(25)
    flags["slow"].fault = None
    await flag.write(25)
    assert [len(each.writes) for each in flags.values()] == [1, 2]
    assert (await flag.read(T0)).percent == 25


async def test_one_that_cannot_be_read_is_written_all_the_same():
    """A revert goes the shortest way."""
    dark = Flag(25, blind=True)
    await together(one=Flag(25), dark=dark).write(10)
    assert dark.percent == 10


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ((FlagError("no"), FlagError("no")), FlagError),
        ((ConflictError("no"), ConflictError("no")), ConflictError),
        ((ConflictError("no"), FlagError("no")), FlagError),
        ((AnswerError("no"), AnswerError("no")), PartialError),
        ((FlagError("no"), AnswerError("no")), PartialError),
    ],
)
async def test_where_all_fail_only_refusals_are_a_refusal(faults, error):
    with pytest.raises(error) as caught:
        await together(one=Flag(fault=faults[0]), two=Flag(fault=faults[1])).write(25)
    assert type(caught.value) is error


async def test_refused_though_one_has_it_by_another_hand_is_partial():
    with pytest.raises(PartialError):
        await together(one=Flag(fault=FlagError("no"), done=True), two=Flag(fault=FlagError("no"))).write(25)


async def test_whoever_says_lost_and_has_it_did_it():
    flag = together(one=Flag(fault=AnswerError("lost"), done=True), two=Flag())
    await flag.write(25)
    assert (await flag.read(T0)).percent == 25


async def test_only_the_target_that_changed_conflicts():
    changed = Flag()
    flag = together(one=Flag(), two=changed)
    version = (await flag.read(T0)).version
    assert json.loads(version) == ["1", "1"]
    await flag.write(25, expected=version)
    assert changed.writes == [(25, "1", "")]


@pytest.mark.parametrize("percent", [-1, 101, True, 12.345, None])
async def test_a_percentage_out_of_range_reaches_nobody(percent):
    one = Flag()
    with pytest.raises(FlagError, match="is no percentage"):
        await together(one=one).write(percent)
    assert one.writes == []


async def test_row_76_who_is_not_served_yet_is_named():
    one, two = Flag(), Flag()
    flag = together(one=one, two=two)
    assert await flag.verify(25, T0) == ""
    two.unserved = "users get 10 %"
    assert await flag.verify(25, T0) == "two: users get 10 %"


async def test_a_switch_goes_to_those_who_take_it():
    one, two, desk = Flag(), Flag(), Flag(switches=("sla",))
    flag = together({"sla": ["desk"], "flow": ["one", "two"], "none": []}, one=one, two=two, desk=desk)
    await flag.switch("sla", on=True)
    await flag.switch("flow", on=True)
    assert (one.set, two.set, desk.set) == ([("flow", True)], [("flow", True)], [("sla", True)])
    assert [target.name for target in (await flag.read(T0)).targets] == ["one", "two"]
    for name in ("none", "unknown"):
        with pytest.raises(FlagError, match=f"no target takes the switch {name}"):
            await flag.switch(name, on=True)


async def test_a_switch_is_on_where_all_who_take_it_say_so():
    takers = {"flow": ["one", "two"], "sla": ["desk"]}

    async def on(one, two, desk):
        flags = (Flag(switches=one), Flag(switches=two), Flag(switches=desk))
        return (await together(takers, one=flags[0], two=flags[1], desk=flags[2]).read(T0)).switches

    assert await on(("flow",), ("flow", "other"), ("sla",)) == ("flow", "sla")
    flags = {"one": Flag(switches=("flow",)), "two": Flag(switches=("flow",)), "desk": Flag(blind=True)}
    assert (await together(takers, **flags).read(T0)).switches is None
    assert (await together({"flow": ["one", "two"]}, **flags).switches_on()) == ("flow",)
    assert await on(("flow",), (), ("sla",)) == ("sla",)
    assert await on(("flow",), ("flow",), None) is None


async def test_row_77_a_switch_that_some_have_set_is_told():
    takers = {"flow": ["one", "two"]}
    with pytest.raises(PartialError) as caught:
        await together(takers, one=Flag(), two=Flag(fault=FlagError("no"))).switch("flow", on=True)
    assert caught.value.targets == (Target("one", None), Target("two", None, "no"))
    with pytest.raises(FlagError, match="one: no; two: no"):
        await together(takers, one=Flag(fault=FlagError("no")), two=Flag(fault=FlagError("no"))).switch("flow", on=True)


async def test_each_is_rehearsed_with_what_it_takes():
    flag = together({"gone": ["two"], "flow": ["one"], "lost": []}, one=Flag(blind=True), two=Flag(), desk=Flag())
    assert await flag.rehearse(("gone", "flow", "lost")) == {
        "": "one: down",
        "gone": "two: no such switch",
        "lost": "no target takes it",
    }


async def test_a_program_for_the_switches_alone(tmp_path):
    file = tmp_path / "flags.json"
    file.write_text(first_text(PLAN), "utf-8")
    is_on = ("sh", "-c", 'test -e "$0" && echo true || echo false', str(tmp_path / "{name}"))
    desk = Command(switch_read=is_on, switch_write=("touch", str(tmp_path / "{name}"), str(tmp_path / "{on}")))
    switches = {"sla-message": ("desk",), "gone": ("desk",)}
    place = Targets(targets={"one": Flagd(file=str(file)), "desk": desk}, rollout=("one",), switches=switches)
    flag = open_writer(place, wanted_by(lambda: State(PLAN)), Secrets({}))
    assert await flag.rehearse(("sla-message", "stub-fallback")) == {}
    assert (await flag.read(T0)).switches == ()
    await flag.switch("sla-message", on=True)
    assert (await flag.read(T0)).switches == ("sla-message",)
    await flag.write(10)
    assert (await flag.read(T0)).percent == 10


async def test_row_77_two_files_and_a_recorded_one_for_real(tmp_path):
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in paths:
        path.write_text(first_text(PLAN), "utf-8")
    places = {path.stem: Flagd(file=str(path)) for path in paths}
    switches = {"sla-message": ("two",), "stub-fallback": ("one", "two")}
    flag = open_writer(
        Targets(targets={**places, "old": Session()}, rollout=("one", "two"), switches=switches),
        wanted_by(lambda: State(PLAN)),
        Secrets({}),
    )
    assert flag.moves
    value = await flag.read(T0)
    assert (value.percent, value.switches) == (0, ())
    await flag.write(10, expected=value.version)
    await flag.switch("sla-message", on=True)
    assert (await flag.read(T0)).switches == ("sla-message",)
    paths[0].write_text("{}", "utf-8")
    value = await flag.read(T0)
    assert (value.percent, value.switches) == (None, None)
    assert value.targets[0].reason == "one.json: holds no flags"
    with pytest.raises(PartialError) as caught:
        await flag.write(0)
    assert [target.percent for target in caught.value.targets] == [None, 0]
