"""What may be shown in green of an answer: what was done, and is on the disk."""

import pytest

from sessions.values.entries import UNSAVED
from sessions.values.requests import Answer


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (Answer(True, "paused"), True),
        (Answer(False, "already paused"), False),
        (Answer(True, f"flag reads 0 %; {UNSAVED}no space left on the disk"), False),
        (Answer(True, f"{UNSAVED}flag reads 0 %"), False),
    ],
)
def test_only_what_is_on_the_disk_is_whole(answer, whole):
    assert answer.whole is whole
