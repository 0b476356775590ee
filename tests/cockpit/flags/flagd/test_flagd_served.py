"""The flagd file as its users see it: through OpenFeature's own provider, and by a reader in another process."""

import json
import subprocess
import sys
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.flagd.atomic_file import held, swap
from cockpit.flags.flagd.writer import FlagdFile, _switched, _weighted
from cockpit.flags.interface.writer import ConflictError
from tests.support.build import PLAN, T0

KEYS = 10_000
PHASES = (0, 10, 25, 50, 100)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "flags.json"
    file.write_text(first_text(PLAN), "utf-8")
    return file


@pytest.fixture
def provider(path):
    """The provider with its default pace: it looks at the file twice a second."""
    found = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path))
    found.initialize(EvaluationContext())
    yield found
    found.shutdown()


def served(provider, keys=KEYS):
    contexts = (EvaluationContext(targeting_key=f"shopper-{number}") for number in range(keys))
    found = (provider.resolve_boolean_details(PLAN.flag, False, context).value for context in contexts)
    return {number for number, on in enumerate(found) if on}


async def test_10000_users_are_shared_out_and_who_is_in_stays_in(path, provider):
    """Each phase is seen by the provider without a restart; the share lies within four standard deviations."""
    flag, before = FlagdFile(path, PLAN.flag), set()
    for percent in PHASES:
        await flag.write(percent)
        bound = 4 * sqrt(KEYS * percent * (100 - percent)) / 100
        while abs(len(served(provider, 400)) - 4 * percent) > 4 * sqrt(400 * percent * (100 - percent)) / 100:
            pass  # the provider has not looked yet; the test's own timeout ends a wait in vain
        now = served(provider)
        assert abs(len(now) - KEYS * percent / 100) <= bound
        assert now >= before, "who was in at a lower percentage is still in"
        before = now
    await flag.write(25)
    while len(served(provider, 400)) == 400:
        pass
    assert served(provider) < before


async def test_a_switch_is_served_too(path, provider):
    await FlagdFile(path, PLAN.flag).switch("sla-message", on=True)
    while not provider.resolve_boolean_details("sla-message", False, EvaluationContext()).value:
        pass


READER = """
import sys
path, wanted = sys.argv[1], set(sys.argv[2:])
texts = {open(name, "rb").read() for name in wanted}
seen, reads = set(), 0
print("ready", flush=True)
while b"STOP" not in (data := open(path, "rb").read()):
    reads += 1
    assert data in texts, data
    seen.add(data)
print(reads, len(seen))
"""


def test_row_78_a_reader_in_another_process_never_sees_half_of_10000_exchanged_files(path, tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda fd: None)  # what outlasts a power cut is proved elsewhere
    text, copies = path.read_text("utf-8"), []
    for percent in PHASES:
        copies.append(tmp_path / f"{percent}.json")
        copies[-1].write_text(_weighted(text, PLAN.flag, percent), "utf-8")
    wholes = [copy.read_bytes() for copy in copies]
    command = [sys.executable, "-I", "-c", READER, str(path), *map(str, copies)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "ready\n"
        for turn in range(10_000):
            swap(path, held(path), wholes[turn % len(wholes)])
        swap(path, held(path), b"STOP")
        said, complaint = reader.communicate(timeout=60)
    assert complaint == ""
    reads, seen = map(int, said.split())
    assert reads > len(wholes)
    assert seen == len(wholes)


WORDS = st.text(st.characters(exclude_characters='"\\', codec="utf-8"), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
LAYOUTS = st.sampled_from([None, 0, 2, "\t"])
ON, OFF = 271_828_182, 314_159_265


@st.composite
def files(draw):
    """A flag file with any other flags, members and layout around ours; its weights are found by their numbers."""
    names = st.sampled_from(["on", "off", "ja", "nein", "a b"])
    on, off = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    shares = draw(st.permutations([[on, ON], [off, OFF]]))
    rule = {"fractional": [*draw(st.sampled_from([[], [{"var": "email"}]])), *shares]}
    for _ in range(draw(st.integers(0, 2))):
        rule = {"if": [draw(VALUES), draw(WORDS), rule]}
    ours = {"state": "ENABLED", "variants": {on: True, off: False}, "defaultVariant": off, "targeting": rule}
    switch = {"state": "ENABLED", "variants": {"yes": True, "no": False}, "defaultVariant": "no"}
    flags = {"sw": switch, "concierge": ours}
    extra = {f"x{name}": value for name, value in draw(st.dictionaries(WORDS, VALUES, max_size=3)).items()}
    members = draw(st.permutations([*extra.items(), *flags.items()]))
    document = {"$x": draw(VALUES), "flags": dict(members), "metadata": draw(VALUES)}
    return json.dumps(document, indent=draw(LAYOUTS), ensure_ascii=draw(st.booleans())) + "\n"


@given(files(), st.integers(0, 100))
@settings(deadline=None)
def test_row_78_every_other_byte_of_any_file_is_the_same(text, percent):
    after = _weighted(text, "concierge", percent)
    assert after == text.replace(str(ON), str(percent)).replace(str(OFF), str(100 - percent))
    switched = _switched(text, "sw", on=True)
    assert len(switched) == len(text) + 1
    assert json.loads(switched)["flags"]["sw"]["defaultVariant"] == "yes"
    assert _switched(switched, "sw", on=False) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [("targetingKey", "email"), ("$flagd.flagKey", "tenant"), ('"fractional": [', '"fractional": [["on", 0],')],
)
async def test_a_share_that_is_bucketed_otherwise_since_it_was_read_is_not_moved(path, old, new):
    """Users would change sides."""
    flag = FlagdFile(path, PLAN.flag)
    version = (await flag.read(T0)).version
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConflictError, match="changed by another hand"):
        await flag.write(25, expected=version)
    assert path.read_text("utf-8") == text.replace(old, new)
