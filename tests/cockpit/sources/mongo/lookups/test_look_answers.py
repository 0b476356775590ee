"""Low CSAT answers with their words, by what they are about."""

from dataclasses import replace

from cockpit.sources.mongo.lookups.low_answers import low_answers
from sessions.values.verdicts import Mark
from tests.support.build import PLAN
from tests.support.sources.looking import looked, only, plain, row, told
from tests.support.sources.mongo_asking import BROKEN, ago

__all__ = ["looked", "plain"]
SPAN = PLAN.queue.csat


def answer(score, age=60.0, comment="fine", flow="capsules"):
    return {"score": score, "ts": ago(age), "comment": comment, "flow": flow}


async def test_low_answers_are_counted_by_flow_and_the_newest_are_quoted(looked):
    rows = [answer(5, 10 * n) for n in range(1, 7)]
    rows += [answer(1, 30, "the scarf was missing"), answer(2.0, 20, "late", "returns"), answer(2, SPAN + 60, "older")]
    await looked.insert("csat", rows)
    found = await low_answers(looked.desk())
    about = only(found, "by what")
    assert told(about) == [
        ("all answers", "2 of 8 low", "25 %"),
        ("returns", "1 of 1 low", "100 %"),
        ("capsules", "1 of 7 low", "14 %"),
    ] or told(about)[1:] == [("capsules", "1 of 7 low", "14 %"), ("returns", "1 of 1 low", "100 %")]
    newest = only(found, "Newest")
    assert [(one.what, one.value, one.at) for one in newest.rows] == [
        ("2.0 of 5, returns", "late", ago(20)),
        ("1 of 5, capsules", "the scarf was missing", ago(30)),
        ("2 of 5, capsules", "older", ago(SPAN + 60)),
    ]
    assert newest.trouble == ""


async def test_words_are_shown_as_text_and_end(looked):
    words = "[@click=app.quit]x[/]\x1b]0;owned\x07 " + "slow " * 200
    await looked.insert("csat", [answer(1, 5, words, "[b]x"), answer(1, 6, {"$where": 1}, 7)])
    rows = only(await low_answers(looked.desk()), "Newest").rows
    assert rows[0].value.startswith("[@click=app.quit]x[/]^[]0;owned^G slow")
    assert len(rows[0].value) <= 160
    assert [(one.what, one.value) for one in rows[1:]] == [("1 of 5", "(no words)")]


async def test_scores_that_are_none_are_neither_low_nor_counted(looked):
    odd = [answer(score) for score in (0, 9, "1", True, None, -1)]
    dates = [{**answer(1), "ts": date} for date in BROKEN]
    await looked.insert("csat", [*odd, *dates, answer(1, 5)])
    found = await low_answers(looked.desk())
    assert row(only(found, "by what"), "all answers").value == "1 of 1 low"
    assert len([one for one in only(found, "Newest").rows if one.at == ago(5)]) == 1


async def test_without_the_fields_it_says_which_to_name(plain):
    await plain.insert("csat", [answer(1)])
    found = await low_answers(plain.desk())
    about = only(found, "by what").rows[1]
    assert (about.bound, about.mark) == ("name its field: csat.about", Mark.BLIND)
    assert only(found, "Newest").trouble == "their words are not told: name the field, csat.words"
    assert len(only(found, "Newest").rows) == 1


async def test_none_low_and_none_at_all_are_two_things(looked):
    await looked.insert("csat", [answer(5)])
    assert told(only(await low_answers(looked.desk()), "Newest")) == [("low answers", "none", "")]
    nowhere = looked.desk(csat=replace(looked.spec.csat, collection="elsewhere"))
    found = await low_answers(nowhere)
    assert all("elsewhere" in one.trouble for one in found)
    assert all(one.rows == () for one in found)
