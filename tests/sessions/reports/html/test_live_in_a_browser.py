"""The live report in a real Chromium: it lives, turns stale by itself, and does not lie with its scripts off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.reports.html.live import Live, as_live_html
from sessions.reports.periods import of_flight
from sessions.values.verdicts import Mark
from tests.sessions.reports.html.test_in_a_browser import OUTSIDE, outside
from tests.support.peers.browser import network, opened
from tests.support.sessions.scenes import NOW, flown

pytestmark = pytest.mark.timeout(120)


def page(folder, *, age=0.0, over="", text=None, judgement=None, tz=UTC):
    judgement = judgement or judge(flown(), NOW)
    live = Live(datetime.now(UTC) - timedelta(seconds=age), 600.0, 900.0, over)
    path = folder / f"live{age}{bool(over)}.html"
    path.write_text(text or as_live_html(judgement, of_flight(judgement), tz, live), "utf-8")
    return path


def is_stale(dom):
    return '<body class="stale">' in dom and 'class="live stale"' in dom


def test_it_is_fresh_and_turns_stale_by_itself(tmp_path):
    fresh = opened(page(tmp_path), tmp_path, "--dump-dom")
    assert not is_stale(fresh)
    assert "s ago." in fresh
    assert is_stale(opened(page(tmp_path, age=901), tmp_path, "--dump-dom"))
    ahead = opened(page(tmp_path, age=-60), tmp_path, "--dump-dom")
    assert is_stale(ahead)
    assert "This clock is behind" in ahead


def test_with_scripts_off_it_says_from_when_on_it_is_stale(tmp_path):
    path = page(tmp_path, age=3600.0)
    text = path.read_text("utf-8")
    limit = datetime.now(UTC) - timedelta(seconds=3600 - 900)
    assert f"It is stale if it is later than {limit:%Y-%m-%d %H}:" in text
    assert re.search(r'<span class="age"></span>', text)  # nothing is said of its age that no script keeps up


def test_what_is_over_reads_itself_no_more(tmp_path):
    path = page(tmp_path, age=9999, over="the session is concluded")
    text = path.read_text("utf-8")
    assert 'http-equiv="refresh"' not in text
    assert "<script" not in text
    assert "not refreshed any more: the session is concluded" in opened(path, tmp_path, "--dump-dom")
    assert 'http-equiv="refresh" content="600"' in page(tmp_path).read_text("utf-8")


def test_it_asks_the_network_for_nothing_and_runs_no_other_script(tmp_path):
    text = page(tmp_path).read_text("utf-8")
    for free in (False, True):
        body = outside(text)
        body = body.replace("Content-Security-Policy", "x") if free else body
        with network() as proxy:
            dom = opened(page(tmp_path, age=float(free), text=body), tmp_path, "--dump-dom", asked=proxy)
            assert any(one.startswith(OUTSIDE) for one in proxy.asked) is free
        assert ("<title>ran</title>" in dom) is free
        assert "s ago." in dom  # its own script runs in both


@pytest.mark.parametrize("mark", [*Mark, None])
def test_no_criterion_is_well_that_does_not_pass(tmp_path, mark):
    whole = judge(flown(), NOW)
    verdicts = {**whole.verdicts, "latency": replace(whole.verdicts["latency"], mark=mark)} if mark else {}
    text = page(tmp_path, judgement=replace(whole, verdicts=verdicts)).read_text("utf-8")
    said = text.partition("<td>Latency</td><td>")[2].partition("</td>")[0]
    assert (said == "passes") is (mark is Mark.PASS)
    assert said


def test_the_phases_and_who_watches(tmp_path):
    whole = judge(flown(), NOW)
    text = page(tmp_path, judgement=whole).read_text("utf-8").replace("\u00a0", " ")
    assert "10 % done" in text
    assert '<li class="now">25 % now, ' in text
    assert "50 % to come" in text
    assert "Nobody watches" not in text
    alone = replace(whole, state=replace(whole.state, watching=False))
    assert "Nobody watches" in page(tmp_path, judgement=alone).read_text("utf-8")
    damaged = replace(whole, state=replace(whole.state, whole=False))
    assert "the phase is not known" in page(tmp_path, judgement=damaged).read_text("utf-8")


def test_foreign_words_form_nothing(tmp_path):
    whole = judge(flown(), NOW)
    evil = '</script><script>document.title="ran"</script>'
    verdicts = {**whole.verdicts, "latency": replace(whole.verdicts["latency"], text=evil, subject=evil)}
    text = page(tmp_path, judgement=replace(whole, verdicts=verdicts), over=evil).read_text("utf-8")
    assert "<script" not in text
