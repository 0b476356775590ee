"""A notice written for each kind of place: what it says, and what foreign text cannot do in it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.notices.notice import MOST
from cockpit.notices.payloads import body
from cockpit.notices.wording import head, of_alarm, of_entry, of_gate
from cockpit.settings.models.notifications import HOOKS
from sessions.alarms.alarms import standing
from sessions.text.clean import clean
from tests.support.screen.grown_flight import NOW, TZ, ago
from tests.support.screen.sample import HOSTILE, breach, burning, calm, calm_flight, hostile
from tests.support.watch.noticing import item, notice

SAID = "◆ latency 812 ms > 500 ms\nshop · Phase 2 · 25 %\nDone: the gate holds"
CALLS = (
    "@everyone",
    "@here",
    "<!channel>",
    "<!here|x>",
    "<@U123>",
    "<#C1>",
    "<@&42>",
    "[x](http://e.example)",
    "**b**",
)


def table(kind, told):
    return json.loads(body(kind, told).content)


def shown(kind, told):
    """The text as the other side shows it."""
    if kind == "ntfy":
        return body(kind, told).content.decode()
    found = table(kind, told)
    if kind == "slack":
        return found["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if kind == "discord":
        return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", found["content"])
    if kind == "teams":
        rows = found["attachments"][0]["content"]["body"]
        return "\n".join(run["text"] for row in rows for run in row["inlines"])
    return found["text"]


@pytest.mark.parametrize("kind", HOOKS)
def test_every_kind_shows_the_same_words(kind):
    assert shown(kind, notice()) == SAID


def test_slack_gets_text_that_is_not_read():
    assert table("slack", notice()) == {
        "text": SAID.replace(">", "&gt;"),
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_discord_lets_no_mention_through():
    found = table("discord", notice())
    assert (found["allowed_mentions"], found["flags"]) == ({"parse": []}, 4)


def test_teams_gets_a_card_of_plain_runs():
    (attached,) = table("teams", notice())["attachments"]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {row["type"] for row in attached["content"]["body"]} == {"RichTextBlock"}


@pytest.mark.parametrize(("urgent", "priority"), [(False, "4"), (True, "5")])
def test_ntfy_gets_plain_text_and_a_priority(urgent, priority):
    headers = body("ntfy", notice(item(urgent=urgent))).headers
    assert headers == {"Content-Type": "text/plain; charset=utf-8", "Priority": priority}


def test_a_program_gets_values():
    found = table("json", notice(item(urgent=True)))
    assert found.pop("text") == SAID
    assert found == {
        "service": "shop",
        "phase": 25,
        "at": NOW.isoformat(),
        "urgent": True,
        "items": [
            {
                "event": "alarms",
                "ids": ["verdict.latency"],
                "text": "◆ latency 812 ms > 500 ms\nDone: the gate holds",
                "since": ago(minutes=2).isoformat(),
            }
        ],
    }


@pytest.mark.parametrize("text", CALLS)
def test_no_text_calls_anybody_or_leads_anywhere(text):
    told = notice(item(clean(text)), head=clean(text))
    assert "<" not in table("slack", told)["text"]
    content = table("discord", told)["content"]
    assert all(content[at - 1] == "\\" for at in range(1, len(content)) if content[at] in "@<>[]()*_`#:")


@pytest.mark.parametrize("text", [*HOSTILE, *CALLS])
@pytest.mark.parametrize("kind", HOOKS)
def test_row_82_hostile_text_stays_text(kind, text):
    judgement = hostile(text)
    items = tuple(of_alarm(judgement, alarm, TZ) for alarm in standing(judgement))
    assert items
    said = shown(kind, notice(*items, head=head(judgement, text)))
    assert all(line.isprintable() for line in said.split("\n"))
    assert len(said.split("\n")) == 1 + sum(len(one.lines) for one in items[:MOST]) + (len(items) > MOST)


@given(st.lists(st.lists(st.text(max_size=400), min_size=1, max_size=3), min_size=1, max_size=9))
def test_no_message_is_longer_than_a_place_takes(texts):
    told = notice(*(item(*(clean(line, 300) for line in lines)) for lines in texts))
    assert len(table("discord", told)["content"]) <= 2000
    assert len(body("ntfy", told).content) <= 4096
    assert len(shown("slack", told)) <= 3000
    assert len(table("json", told)["items"]) == len(texts)


def test_what_is_too_much_is_counted():
    lines = notice(*(item(f"number {number}") for number in range(8))).lines
    assert (len(lines), lines[-1]) == (1 + MOST + 1, "and 3 more")


def test_a_fuse_says_until_when_what_was_done_and_what_is_asked():
    judgement = burning()
    (alarm,) = standing(judgement)
    told = of_alarm(judgement, alarm, TZ)
    assert head(judgement, "shop") == "shop · Phase 2 · 25 %"
    assert told.lines == (
        "◆ latency POST /capsules 812 ms · since 14:00:22",
        "Done: paused, fuse until 14:15, the gate holds",
        "Asked: resolve it, or defuse it with a reason; at 14:15 the flag goes back to 10 %",
    )
    assert (told.urgent, told.ids) == (True, ("fuse.latency_spike",))


@pytest.mark.parametrize("flight", [breach, lambda: hostile("x")])
def test_every_alarm_says_what_turned_what_was_done_and_what_is_asked(flight):
    judgement = flight()
    for alarm in standing(judgement):
        what, done, asked = of_alarm(judgement, alarm, TZ).lines
        assert alarm.text in what
        assert " · since " in what
        assert done.startswith("Done: ")
        assert len(done) > len("Done: ")
        assert asked.startswith("Asked: ")


def test_a_revert_that_is_not_done_asks_for_the_hand_without_showing_requests():
    flight = calm_flight().wrote(
        ago(minutes=2), "flag.intended", "intended", intent="m9", percent=10, previous=25, writer="http"
    )
    by_hand = ("curl -H 'Authorization: ***' https://flags.example/x",)
    flight.wrote(
        ago(minutes=1), "flag.refused", "REVERT NOT DONE", intent="m9", percent=10, reason="401", by_hand=by_hand
    )
    (alarm,) = standing(flight.judged())
    told = of_alarm(flight.judged(), alarm, TZ)
    assert told.lines[1:] == (
        "Done: tried again every 10s, the gate holds",
        "Asked: set the flag to 10 % by hand; the cockpit shows how",
    )


def test_a_phase_says_who_entered_it_and_a_gate_what_it_leads_to():
    flight = calm_flight().wrote(NOW, "phase.entered", "50 % entered", by="cli", phase=50, previous=25, evidence=())
    entry = flight.state.entries[-1]
    said = of_entry(flight.judged(), entry, TZ)
    assert (said.ids, said.lines) == ((f"phase.{entry.seq}",), ("50 % entered (by cli) · 14:03:22",))
    assert of_gate(calm()).lines[0] == "● gate to 50 % is open: 12 of 12 conditions pass"
