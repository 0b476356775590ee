"""`[flag] timeout`: each kind of place has it, within bounds, and whoever asks the flag waits as long."""

import tomllib

import pytest

from cockpit.flags.interface.writer import deadline_of
from cockpit.flags.opening import PATIENCE, open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.settings.models.flags import KINDS
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.flag import FlagReadBack
from sessions.plan.strict_table import Table
from sessions.state.reducer import State
from tests.support.build import PLAN

PLACES = {
    "flagd": 'file = "/tmp/flags.json"\nserving = "http://127.0.0.1:8016"',
    "unleash": 'url = "http://127.0.0.1:4242"\nproject = "default"\nenvironment = "production"\ntoken = "${T}"',
    "launchdarkly": 'project = "shop"\nenvironment = "production"\ntoken = "${T}"',
    "http": 'read = { url = "http://127.0.0.1:1/f" }\n'
    'write = { url = "http://127.0.0.1:1/f", body = { percent = "{percent}" } }',
    "command": 'read = ["cat", "/tmp/percent"]\nwrite = ["set-flag", "{percent}"]',
}


def loaded(text):
    table = Table(tomllib.loads(text))
    return read(Settings, table).flag, [str(one) for one in table.problems]


def opened(text):
    flag, problems = loaded(text)
    assert not problems
    return open_writer(flag, wanted_by(lambda: State(PLAN)), Secrets({"T": "x"}))


def patience_of(writer):
    """How long the writer itself lets one act take, wherever it keeps that."""
    waiting, seen = [writer], []
    while waiting:
        one = waiting.pop()
        if isinstance(patience := getattr(one, "_patience", None), float):
            seen.append(patience)
        waiting += [each for each in vars(one).values() if type(each).__module__.startswith("cockpit.flags")]
    return seen


def test_every_kind_with_something_behind_it_is_here():
    assert {*PLACES, "session"} == {*KINDS}


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(("said", "seconds"), [("", 0.0), ('timeout = "20s"', 20.0), ('timeout = "1s"', 1.0)])
def test_each_kind_has_it(kind, said, seconds):
    writer = opened(f'[flag]\nkind = "{kind}"\n{PLACES[kind]}\n{said}\n')
    wanted = seconds or PLAN.cadence.deadline
    assert deadline_of(writer, PLAN.cadence.deadline) == wanted
    assert FlagReadBack(writer, PLAN.cadence).deadline == wanted
    assert patience_of(writer) == pytest.approx([wanted * PATIENCE] * len(patience_of(writer)))
    assert patience_of(writer)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("said", ["500ms", "61s", "1h"])
def test_its_bounds(kind, said):
    _, problems = loaded(f'[flag]\nkind = "{kind}"\n{PLACES[kind]}\ntimeout = "{said}"\n')
    assert len(problems) == 1
    assert 'write "1s" to "60s", or leave it out' in problems[0]


@pytest.mark.parametrize(
    ("whole", "one", "each", "longest"),
    [("", "", 5.0, 5.0), ("20s", "", 20.0, 20.0), ("", "30s", 30.0, 30.0), ("20s", "10s", 10.0, 20.0)],
)
def test_several_places_share_it_and_may_have_their_own(whole, one, each, longest):
    text = '[flag.targets.eu]\nkind = "command"\n' + PLACES["command"]
    text += f'\ntimeout = "{one}"' if one else ""
    writer = opened((f'[flag]\ntimeout = "{whole}"\n' if whole else "") + text + "\n")
    assert deadline_of(writer, PLAN.cadence.deadline) == longest
    assert writer.patience == pytest.approx(longest * PATIENCE)
    assert patience_of(writer.writers["eu"]) == pytest.approx([each * PATIENCE])
