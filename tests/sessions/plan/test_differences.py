"""Two plans, and what is promised differently in words; a plan in an entry reads back the same."""

import tomllib

import pytest

from sessions.file_format.promises import lines_of, plan_of
from sessions.plan.differences import differences, told
from sessions.plan.loader import bundled, plan_from
from tests.support.build import PLAN

TEXTS = [
    ({"endpoints": ["GET /concierge", *PLAN.endpoints[1:], "GET /new"]}, ["endpoints + GET /new"]),
    ({"flag": "shop"}, ["flag concierge -> shop"]),
    ({"title": "x" * 900}, ["title CL7 concierge -> " + "x" * 300]),
    ({"advance": {"hours": "09:00-16:00"}}, ["calendar none -> another"]),
]


@pytest.mark.parametrize(("changes", "said"), TEXTS, ids=lambda value: str(value)[:20])
def test_what_changed_is_said_in_words(changes, said):
    base = bundled()
    new = plan_from({**base.table, **changes})
    assert [line[: len(said[0])] for line in told(differences(base, new))] == said


def test_the_same_plan_has_no_differences_whatever_its_table_looks_like():
    base = bundled()
    assert not differences(base, plan_from({**base.table, "windows": {**base.table["windows"], "pool": "60m"}}))


HOSTILE = ['"""', "\\", "#", "[[x]]", "\ttab", "a\u2028b", "'''", 'crc = "00000000"', "é" * 300]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_every_plan_that_an_entry_takes_reads_back_letter_for_letter(text):
    table = {**bundled().table, "title": f"a {text} b"}
    try:
        lines = lines_of(table)
    except ValueError:
        return
    assert plan_of(lines) == table
    assert tomllib.loads("\n".join(lines)) == table


def test_what_cannot_be_kept_whole_is_refused():
    with pytest.raises(ValueError, match="longer than 2,000 characters"):
        lines_of({**bundled().table, "title": "x" * 2_001})
    assert plan_of(["a = [1", "b"]) is None
