"""`cockpit keys` names every id that a keymap may use."""

from cockpit.__main__ import run
from cockpit.tui.keys import ALL, step_bindings
from tests.support.build import PLAN


def test_every_key_is_listed_with_its_id(capsys):
    assert run(["keys"]) == 0
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(ALL) + len(step_bindings(PLAN))
    for row, binding in zip(rows, ALL, strict=False):
        assert row[0] == (binding.key_display or binding.key)
        assert row[1].split(maxsplit=1) == [binding.id, binding.description]
