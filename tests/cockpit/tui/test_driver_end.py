"""The thread that reads the terminal sleeps until something comes, or until it is told that this is the end."""

import select

from cockpit.tui.driver import _End


def come(end):
    return bool(select.select([end], [], [], 0)[0])


def test_the_end_can_be_waited_for_together_with_what_comes():
    end = _End()
    assert not come(end)
    end.set()
    end.set()
    assert come(end)
    assert end.is_set()
    end.clear()
    end.clear()
    assert not come(end)
    assert not end.is_set()
