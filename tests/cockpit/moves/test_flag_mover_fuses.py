"""A fuse and the flag: lit, healed, blown; its revert is asked for until the flag confirms."""

from cockpit.flags.interface.writer import FlagError
from sessions.values.verdicts import Level
from tests.support.watch.watching import FakeFlag, documents, kinds, made, short_fuse, traffic, until, watched, written


def spiking(folder, flag, p95, work):
    plan = short_fuse()
    made(folder, plan, percent=25)
    with watched(folder, traffic(plan, lambda: p95["ms"]), documents(plan), flag=flag) as door:
        until(door, lambda judgement: judgement.risks["latency_spike"].level is Level.CALM)
        p95["ms"] = 2400.0
        until(door, lambda judgement: judgement.state.fuses)
        work(door)
    return [kind for kind in kinds(folder) if kind in ("rollout.paused", "fuse.lit", "fuse.blown", "phase.entered")]


def test_a_spike_pauses_lights_the_fuse_and_at_zero_reverts(tmp_path):
    flag = FakeFlag(25)

    def work(door):
        until(door, lambda judgement: judgement.state.phase == 10)
        assert not door.latest().state.fuses
        assert door.latest().state.paused.cause == "latency_spike"

    said = spiking(tmp_path, flag, {"ms": 240.0}, work)
    assert said == ["phase.entered", "rollout.paused", "fuse.lit", "fuse.blown", "phase.entered"]
    assert flag.percent == 10
    lit, blown = written(tmp_path, "fuse.lit")[0], written(tmp_path, "fuse.blown")[0]
    assert blown.at >= lit.dated("deadline")


def test_row_74_a_blown_fuse_asks_for_its_revert_until_the_flag_confirms(tmp_path):
    flag, tries = FakeFlag(25), []

    def down_twice(percent):
        tries.append(percent)
        if len(tries) < 3:
            raise FlagError("back end down")

    flag.on_write = down_twice

    def work(door):
        until(door, lambda judgement: judgement.state.phase == 10)

    spiking(tmp_path, flag, {"ms": 240.0}, work)
    refused = written(tmp_path, "flag.refused")
    assert [entry.text for entry in refused] == ["REVERT NOT DONE: flag move to 10 % refused: back end down"]
    assert refused[0].listed("by_hand") == ("set the fake flag to 10 %",)
    assert (tries, flag.percent) == ([10, 10, 10], 10)
    assert len(written(tmp_path, "fuse.blown")) == 1


def test_a_spike_that_heals_before_zero_reverts_nothing(tmp_path):
    flag, p95 = FakeFlag(25), {"ms": 240.0}

    def work(door):
        p95["ms"] = 240.0
        until(door, lambda judgement: not judgement.state.fuses)
        assert door.latest().state.phase == 25

    spiking(tmp_path, flag, p95, work)
    assert flag.written == []
    assert "fuse.blown" not in kinds(tmp_path)


def test_a_fuse_that_runs_out_asks_every_source_once_more(tmp_path):
    """The source looks once in an hour: without the hurry at zero nothing would be measured after the deadline."""
    plan = short_fuse()
    made(tmp_path, plan, percent=25, ago=5)
    source = traffic(plan, lambda: 2400.0)
    source.interval, flag = 3600, FakeFlag(25)
    with watched(tmp_path, source, flag=flag) as door:
        until(door, lambda judgement: judgement.state.phase == 10)
        assert source.looks == 2
    assert kinds(tmp_path).count("fuse.blown") == 1
