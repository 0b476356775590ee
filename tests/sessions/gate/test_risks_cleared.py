"""When a risk that acted is over: its fuse is put out by proof, and by nothing that is missing."""

import math

import pytest
from msgspec.structs import replace

from sessions.criteria import latency
from sessions.gate.risks import assess, cleared
from sessions.values import readings as r
from sessions.values.verdicts import Level, Mark
from tests.support.build import after, minute, pulse, window
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import all_is_well, in_phase

NOW = after(7300)
HOT = "POST /capsules"


def spiking():
    """A latency spike that acted at 7300 s, its fuse lit then."""
    pen = in_phase(10)
    pen.state = seeing(all_is_well(pen.state, NOW), window(HOT, after(6900), at=after(7202), p95_ms=900.0))
    pen.write(7300, "fuse.lit", risk="latency_spike", deadline=after(8200), evidence=())
    return pen.state


@pytest.mark.parametrize(
    ("facts", "clean"),
    [
        ({}, True),
        ({"p95_ms": 500.0}, True),
        ({"p95_ms": 501.0}, False),
        ({"requests": 19.0}, False),
        ({"p95_ms": None}, False),
        ({"p95_ms": math.nan}, False),
        ({"covered": 0.5}, False),
    ],
)
def test_a_fuse_is_disarmed_by_one_full_clean_window_begun_since(facts, clean):
    state = seeing(all_is_well(spiking(), after(7850)), window(HOT, after(7500), at=after(7801), **facts))
    assert cleared(state, "latency_spike", NOW, after(7850)) is clean


@pytest.mark.parametrize(
    ("counts", "slow", "clean"),
    [
        ((10, 10), 0, True),
        ((10, 10), 1, True),
        ((10, 10), 2, False),
        ((10, 9), 0, False),
        ((10, 0, 10), 0, True),
        ((20, 0, 0), 0, True),
        ((19, 0, 0), 0, False),
        ((30, 10), 2, False),
    ],
)
def test_few_requests_disarm_a_fuse_together(counts, slow, clean):
    """Windows begun since, oldest first; the slow ones are in the newest. What was before the fuse is no help."""
    last = 7500 + 300 * len(counts)
    state = all_is_well(spiking(), after(last + 50))
    for number, count in enumerate(counts):
        start, bad = 7500 + 300 * number, slow if number == len(counts) - 1 else 0
        facts = {"p95_ms": 900.0 if bad else 240.0 if count else None, "over": bad / count if count else None}
        state = seeing(state, window(HOT, after(start), at=after(start + 301), requests=float(count), **facts))
    assert cleared(state, "latency_spike", NOW, after(last + 50)) is clean


def test_a_lost_window_disarms_nothing_together():
    state = all_is_well(spiking(), after(8450))
    lost = {"covered": 0.5}
    for start, facts in ((7500, {}), (7800, lost), (8100, {})):
        state = seeing(state, window(HOT, after(start), at=after(start + 301), requests=19.0, **facts))
    assert not cleared(state, "latency_spike", NOW, after(8450))


def test_a_window_that_began_before_the_fuse_disarms_nothing():
    state = all_is_well(spiking(), after(7545))
    assert not cleared(state, "latency_spike", NOW, after(7545))


def test_a_clean_window_without_fresh_data_disarms_nothing():
    state = all_is_well(spiking(), after(7850))
    assert cleared(state, "latency_spike", NOW, after(7850))
    assert not cleared(state, "latency_spike", NOW, after(7850 + 61))


def test_an_endpoint_that_never_breached_need_not_prove_itself():
    state = seeing(all_is_well(spiking(), after(7850)), window("POST /csat", after(7500), at=after(7801), requests=3.0))
    assert cleared(state, "latency_spike", NOW, after(7850))


def test_where_the_breach_is_forgotten_every_endpoint_proves_itself():
    state = spiking()
    state = all_is_well(replace(state, seen=replace(state.seen, windows={}, minutes={})), after(7850))
    assert cleared(state, "latency_spike", NOW, after(7850))
    thin = seeing(state, window("POST /csat", after(7500), at=after(7801), requests=3.0))
    assert not cleared(thin, "latency_spike", NOW, after(7850))


def test_a_burning_fuse_is_not_put_out_by_silence():
    state, late = spiking(), after(9000)
    state = seeing(state, pulse(r.Topic.TRAFFIC, late))
    assert latency.judge(state, late).mark is Mark.SILENT
    assert assess(state, {}, late)["latency_spike"].level is Level.ACT
    assert not cleared(state, "latency_spike", NOW, late)


def by_the_minute():
    """A spike that only a minute showed, its fuse lit at 7300 s."""
    pen = in_phase(10)
    state = all_is_well(pen.state, after(7290))
    pen.state = seeing(state, minute(HOT, after(7290), p95_ms=3000.0))
    pen.write(7300, "fuse.lit", risk="latency_spike", deadline=after(8200), evidence=())
    return pen.state


def test_a_burning_fuse_keeps_the_minute_that_lit_it_until_a_later_window_has_a_figure():
    def level(state, now):
        return assess(state, {}, now)["latency_spike"].level

    state = by_the_minute()
    assert level(state, after(7300)) is Level.ACT
    thin = seeing(state, minute(HOT, after(7400), requests=3.0), pulse(r.Topic.TRAFFIC, after(7400)))
    assert level(thin, after(7400)) is Level.ACT
    assert level(replace(thin, fuses={}), after(7400)) is not Level.ACT
    doubtful = seeing(thin, minute(HOT, after(7400), p95_ms=1100.0, over=0.06, requests=40.0))
    assert level(doubtful, after(7400)) is Level.ACT
    straddling = seeing(thin, window(HOT, after(7200), at=after(7501)), pulse(r.Topic.TRAFFIC, after(7501)))
    assert level(straddling, after(7502)) is Level.ACT
    later = seeing(straddling, window(HOT, after(7500), at=after(7801)), pulse(r.Topic.TRAFFIC, after(7801)))
    assert level(later, after(7831)) is Level.CALM


@pytest.mark.parametrize(("counts", "level"), [((10.0, 10.0), Level.CALM), ((10.0, 9.0), Level.ACT)])
def test_while_a_fuse_burns_the_minute_that_lit_it_is_held_until_a_later_pool_is_clean(counts, level):
    state = seeing(by_the_minute(), minute(HOT, after(8130), requests=3.0), pulse(r.Topic.TRAFFIC, after(8130)))
    for number, count in enumerate(counts):
        start = 7500 + 300 * number
        state = seeing(state, window(HOT, after(start), at=after(start + 301), requests=count))
    assert assess(state, {}, after(8131))["latency_spike"].level is level


def test_other_risks_clear_when_they_are_measured_calm():
    calm = all_is_well(in_phase(10).state, NOW)
    assert cleared(calm, "support_queue", NOW, NOW)
    assert not cleared(seeing(calm, r.Tickets("mongo", NOW, 15, None, (), 0)), "support_queue", NOW, NOW)
    assert not cleared(seeing(calm, r.Csat("mongo", NOW, 3, 0)), "csat", NOW, NOW)
    assert not cleared(calm, "support_queue", NOW, after(7300 + 181))
