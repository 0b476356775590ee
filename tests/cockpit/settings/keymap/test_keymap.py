"""What a keymap may say: a key that the owner gives leaves its act, unless that act would be left without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.settings.keymap.clashes import clashes
from cockpit.settings.keymap.keys import arranged
from cockpit.settings.keymap.names import DEFAULTS, EVERY, SHARED, full_name
from cockpit.settings.keymap.own import MOVES, OWN, bindings_of
from cockpit.tui.keys import ALL, DEFAULT, KeyClashError, bound, step_bindings, step_letters
from sessions.plan.loader import bundled

PLAN = bundled()
STEPS = {f"{risk.id}.{step.id}": step.key for risk in PLAN.risks for step in risk.steps}


def test_without_a_keymap_every_key_is_as_it_is():
    assert DEFAULT.acts == {name: (key,) for name, key in DEFAULTS.items()}
    assert DEFAULT.own == {name: own.keys for name, own in (*MOVES.items(), *OWN.items())}
    assert bound(DEFAULT) == ALL
    assert DEFAULT.changed == {}
    assert step_letters(PLAN, DEFAULT) == STEPS


@pytest.mark.parametrize(
    "keymap",
    [
        {"log.note": "f2"},
        {"log.note": "e", "log.export": "n"},
        {"rollout.pause": "P", "rollout.resume": "P"},
        {"rollout.pause": "P"},
        {"app.quit": "ctrl+x"},
        {"app.quit": "Q", "log.note": "q"},
        {"help.show": "?"},
        {"app.palette": ";"},
        {"pause": ("space", "f5")},
        {"pause": ("space", "p")},
        {"pause": ("space", "g")},
        {"pause": ("space", "P"), "resume": ("space", "P")},
        {"log.note": ("n", "f2")},
        {"screen.deck": "0"},
        {"pause": "a", "advance": "A"},
        {"cursor.down": ("down", "j"), "up": ("up", "k"), "left": ("left", "h"), "right": ("right", "l")},
        {"next": "ctrl+n", "before": "ctrl+p"},
        {"cursor.open": ("enter", "g")},
        {"preview": "v", "sheet.look": "f5"},
        {"sheet.run": "G", "report.add": "G"},
        {"advance": "a"},
        {"cursor.copy": "c"},
        {"pause": ("y", "Y")},
    ],
)
def test_what_a_keymap_may_do(keymap):
    assert list(clashes(keymap)) == []
    keys = arranged(keymap)
    taken = [key for name, found in keys.acts.items() if name != "rollout.resume" for key in found]
    assert len(taken) == len(set(taken))
    assert all(found for found in (*keys.acts.values(), *keys.own.values()))
    letters = [row.key for row in step_bindings(PLAN, keys)]
    assert len(set(letters)) == len(STEPS)
    assert not {*letters} & {*taken}


def test_the_letter_of_a_step_and_of_a_screen_moves_where_the_owner_gives_it_to_an_act():
    keys = arranged({"pause": ("space", "p")})
    assert keys.acts["rollout.pause"] == ("space", "p")
    assert keys.own["report.preview"] == ("P",)
    moved = {step: letter for step, letter in step_letters(PLAN, keys).items() if letter != STEPS[step]}
    assert list(moved) == ["analytics_outage.known"]
    assert bindings_of(keys.changed) == {"report.preview": "P"}


def test_what_moves_the_cursor_moves_it_on_every_screen():
    keys = arranged({"cursor.next": ("tab", "ctrl+n")})
    assert bindings_of(keys.changed) == {
        "cursor.next": "tab,ctrl+n",
        "detail.next": "right,tab,ctrl+n",
        "risks.next": "right,tab,ctrl+n",
    }
    assert bindings_of(arranged({"down": ("down", "j")}).changed)["list.down"] == "down,j"


def test_who_writes_down_what_an_act_has_anyway_takes_nothing_away():
    assert arranged({"advance": "a", "export": "e"}) == DEFAULT


def test_pausing_and_resuming_are_two_sides_of_one_key():
    assert arranged({"pause": ("space", "p")}).acts["rollout.resume"] == ("space", "p")
    assert arranged({"pause": "P"}).acts["rollout.resume"] == ("space", "P")
    assert arranged({"pause": "P", "note": "space"}).acts["rollout.resume"] == ("P",)
    assert arranged({"pause": "P", "resume": "R"}).acts["rollout.resume"] == ("R",)


@pytest.mark.parametrize(
    ("keymap", "name", "told", "hint"),
    [
        (
            {"pause": ("space", "n")},
            "pause",
            '"n" is the only key of log.note',
            'give that one another: "log.note" = "f2"',
        ),
        ({"pause": ("f2", "n")}, "pause", '"n" is the only key of log.note', '"log.note" = "f3"'),
        ({"pause": ("f5", "f5")}, "pause", '"f5" stands twice', "once"),
        ({"pause": ("space", "f99")}, "pause", '"f99" is no key to give', "f1 to f12"),
        ({"pause": "tab"}, "pause", '"tab" is no key to give', "f1 to f12, or ctrl+letter"),
        ({"cursor.next": "escape"}, "cursor.next", '"escape" is no key to give', "an arrow, tab"),
        ({"pause": ()}, "pause", "names no key", "one at least"),
        ({"pause": "f5", "rollout.pause": "f6"}, "pause", "rollout.pause stands twice", "one of them"),
        ({"note": ("n", "f2"), "export": ("e", "f2")}, "note", '"f2" is given to log.export too', "of its own"),
        ({"note": "v", "preview": "v"}, "note", '"v" is given to report.preview too', "of its own"),
        ({"report.add": "v", "preview": "v"}, "report.add", '"v" is given to report.preview too', "of its own"),
        ({"preview": "n"}, "preview", '"n" is the only key of log.note', "log.note"),
        ({"cursor.down": "t"}, "cursor.down", '"t" is the only key of log.tasks', "log.tasks"),
        ({"log.notes": "f2"}, "log.notes", "unknown id", 'did you mean "log.note"?'),
        ({"cursor.dwn": "f2"}, "cursor.dwn", "unknown id", 'did you mean "cursor.down"?'),
    ],
)
def test_what_is_wrong_with_a_keymap_is_told(keymap, name, told, hint):
    found = next(iter(clashes(keymap)))
    assert found[:2] == (name, told)
    assert hint in found[2]


def test_a_step_of_the_plan_that_wants_an_acts_own_letter_is_refused():
    with pytest.raises(KeyClashError, match="is taken by"):
        step_bindings(_with_letter("o"), DEFAULT)


def _with_letter(letter):
    risk = PLAN.risks[0]
    return replace(PLAN, risks=(replace(risk, steps=(replace(risk.steps[0], key=letter),)), *PLAN.risks[1:]))


_ANY = st.dictionaries(
    st.sampled_from(sorted(EVERY)),
    st.lists(st.sampled_from([*"abcdefghijklmnopqrstuvwxyzPLOYGA12", "f2", "f5", "tab", "down"]), max_size=3).map(
        tuple
    ),
    max_size=6,
)


@given(_ANY)
def test_a_keymap_without_a_clash_leaves_nothing_without_a_key_and_no_key_with_two_meanings(keymap):
    if list(clashes(keymap)):
        return
    keys = arranged(keymap)
    assert all(found for found in (*keys.acts.values(), *keys.own.values()))
    for name, said in keymap.items():
        assert {**keys.acts, **keys.own}[full_name(name)] == tuple(said)
    owners: dict[str, set[str]] = {}
    for name, found in keys.acts.items():
        for key in found:
            owners.setdefault(key, set()).add(name)
    assert all(len(names) == 1 or names == SHARED for names in owners.values())
    letters = keys.letters(STEPS)
    assert len({*letters.values()}) == len(letters)
    assert not {*letters.values()} & owners.keys()
