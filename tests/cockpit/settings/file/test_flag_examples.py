"""The page's examples of flags load as they stand, and each opens the writer that it is about."""

import re
import tomllib
from pathlib import Path

import pytest

from cockpit.flags.opening import open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.settings.models.flags import KINDS, Targets
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from sessions.plan.strict_table import Table
from sessions.state.reducer import State
from tests.support.build import PLAN

PAGE = (Path(__file__).parents[4] / "docs" / "flags.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
PLACES = set(re.findall(r"\$\{([A-Z_]+)\}", PAGE))


def flag_of(block):
    table = Table(tomllib.loads(block))
    found = read(Settings, table).flag
    assert [str(problem) for problem in table.problems] == []
    return found


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
async def test_each_example_loads_and_opens(block):
    flag = flag_of(block)
    writer = open_writer(flag, wanted_by(lambda: State(PLAN)), Secrets({}))
    kinds = {model: kind for kind, model in KINDS.items()}
    assert writer.name == kinds.get(type(flag), "targets")
    assert writer.by_hand(25)
    await writer.aclose()


def test_every_kind_has_an_example():
    shown = {type(flag) for flag in map(flag_of, BLOCKS)}
    assert shown >= {*KINDS.values(), Targets}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_by_hand_shows_no_secret(block):
    writer = open_writer(
        flag_of(block), wanted_by(lambda: State(PLAN)), Secrets(dict.fromkeys(PLACES, "hunter2-canary"))
    )
    assert "hunter2" not in "\n".join(writer.by_hand(25))


def test_the_page_shows_what_is_done_by_hand():
    """The curl call of the page is the one that the writer says."""
    (block,) = [block for block in BLOCKS if 'kind = "unleash"' in block and "targets" not in block]
    writer = open_writer(flag_of(block), wanted_by(lambda: State(PLAN)), Secrets({}))
    (shown,) = re.findall(r"```sh\n(curl.*?)\n```", PAGE, re.DOTALL)
    assert shown.splitlines() == list(writer.by_hand(25))
