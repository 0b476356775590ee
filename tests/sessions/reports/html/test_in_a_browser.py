"""The HTML report in a real Chromium: it asks the network for nothing, and is painted, light and dark."""

from datetime import UTC

import pytest

from tests.support.peers.browser import DARK, LIGHT, network, opened, painted
from tests.support.worlds.reported import report

OUTSIDE = "http://outside.example/"
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "report.html"
    path.write_text(report(tmp_path, tz=UTC), "utf-8")
    return path


def outside(text):
    """A page that asks for much: what a report must never do."""
    asks = f'<img src="{OUTSIDE}a.png"/><link rel="stylesheet" href="{OUTSIDE}a.css"/>'
    more = f'{asks}<script>document.title="ran"</script>'
    return text.replace("<main>", f"<main>{more}", 1)


def test_it_asks_the_network_for_nothing_and_all_of_it_is_there(page, tmp_path):
    with network() as proxy:
        dom = opened(page, tmp_path, "--dump-dom", asked=proxy)
        assert [one for one in proxy.asked if "outside" in one or "127.0.0.1" in one] == []
    assert dom.count("<figure") == page.read_text("utf-8").count("<figure") > 10
    assert "Ops log" in dom


def test_a_page_that_did_would_be_seen_and_its_own_policy_stops_it(page, tmp_path):
    text = outside(page.read_text("utf-8"))
    for name, body, asks in (("kept", text, False), ("free", text.replace("Content-Security-Policy", "x"), True)):
        path = tmp_path / f"{name}.html"
        path.write_text(body, "utf-8")
        with network() as proxy:
            dom = opened(path, tmp_path, "--dump-dom", asked=proxy)
            assert any(one.startswith(OUTSIDE) for one in proxy.asked) is asks
        assert ("<title>ran</title>" in dom) is asks


@pytest.mark.parametrize("width", [800, 500])
def test_it_is_painted_light_and_dark_and_nothing_stands_out_of_a_narrow_page(page, tmp_path, width):
    light, dark = (painted(page, tmp_path, scheme, width, 1200) for scheme in (LIGHT, DARK))
    assert light[0][0] == (0xFB, 0xFC, 0xFD)
    assert dark[0][0] == (0x0E, 0x13, 0x1A)
    for rows in (light, dark):
        assert len({colour for row in rows[::7] for colour in row[::7]}) > 20
        assert {row[-1] for row in rows} == {rows[0][0]}
