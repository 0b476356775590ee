"""What commands print for secrets: run once, again when it is refused, and never in a storm."""

import asyncio
import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.settings.schema.secrets import LONGEST_REST, REST, Renewal, Secret, SecretError, Secrets, run_command
from tests.support.peers.minting import PRINTED, Mint, word

BROKEN = "command mint for a secret: exit 1, nothing printed"
TOO = "command mint for a secret: what it printed is refused too"
SAME = "command mint for a secret prints the same again"


async def test_a_command_runs_once_for_all_who_ask_at_once():
    mint = Mint()
    mint.gate.clear()
    secrets = mint.secrets()
    asked = [asyncio.ensure_future(secrets.word(PRINTED)) for _ in range(30)]
    in_threads = [asyncio.ensure_future(asyncio.to_thread(secrets.reveal, PRINTED)) for _ in range(2)]
    await asyncio.to_thread(mint.begun.wait, 60)
    mint.gate.set()
    assert set(await asyncio.gather(*asked, *in_threads)) == {word(1)}
    assert mint.ran == 1
    assert threading.current_thread() not in mint.threads


async def test_a_word_that_is_refused_is_renewed_once_for_all_who_were_refused():
    mint = Mint()
    secrets = mint.secrets()
    old = await secrets.word(PRINTED)
    mint.gate.clear()
    refused = [asyncio.ensure_future(secrets.renewed(PRINTED, old)) for _ in range(30)]
    mint.gate.set()
    assert set(await asyncio.gather(*refused)) == {Renewal(True)}
    assert await secrets.renewed(PRINTED, old) == Renewal(True)  # who comes late finds the new one
    assert (mint.ran, await secrets.word(PRINTED)) == (2, word(2))


# Seconds before each refusal of the newest word -> how often the command ran in all, the first time included.
RESTS = [
    ("at once, although it ran just now", (0,), 2),
    ("one that lived is renewed at once", (3600,), 2),
    ("again and again, as long as each lives for a while", (REST, REST, 60, 3600), 5),
    ("the second within the rest is not", (0, 0), 2),
    ("just before the rest is over", (0, REST - 0.01), 2),
    ("when a doubled rest is over", (0, 0, 2 * REST), 3),
    ("a word that lived for a whole rest needs no longer one", (0, REST), 3),
    ("refused at once for ever: each rest is twice as long", (0, *(1,) * 120), 5),
    ("and never longer than the longest", (0, *(1,) * int(75 + 10 * LONGEST_REST)), 15),
]


@pytest.mark.parametrize(("waits", "runs"), [row[1:] for row in RESTS], ids=[row[0] for row in RESTS])
async def test_rests_between_runs(waits, runs):
    mint = Mint()
    secrets = mint.secrets()
    await secrets.word(PRINTED)
    for wait in waits:
        mint.clock += wait
        await secrets.renewed(PRINTED, await secrets.word(PRINTED))
    assert mint.ran == runs


@pytest.mark.parametrize(("how", "why"), [("broken", BROKEN), ("stuck", SAME)])
async def test_a_renewal_that_brings_nothing_keeps_the_word_and_says_why(how, why):
    mint = Mint()
    secrets = mint.secrets()
    await secrets.word(PRINTED)
    setattr(mint, how, why)
    assert await secrets.renewed(PRINTED, word(1)) == Renewal(False, why)
    assert await secrets.word(PRINTED) == word(1)
    setattr(mint, how, "")
    assert await secrets.renewed(PRINTED, word(1)) == Renewal(False, why)
    assert mint.ran == 2
    mint.clock += 2 * REST
    assert await secrets.renewed(PRINTED, word(1)) == Renewal(True)
    assert await secrets.renewed(PRINTED, word(3)) == Renewal(False, TOO)


async def test_a_first_run_that_brings_nothing_is_repeated_after_a_rest():
    mint = Mint()
    mint.broken = BROKEN
    secrets = mint.secrets()
    for _ in range(3):
        with pytest.raises(SecretError, match=BROKEN):
            await secrets.word(PRINTED)
        with pytest.raises(SecretError, match=BROKEN):
            secrets.reveal(PRINTED)
    assert mint.ran == 1
    mint.broken = ""
    mint.clock += 2 * REST
    assert await secrets.word(PRINTED) == word(2)


async def test_before_a_last_try_it_runs_whatever_is_known_of_it():
    mint = Mint()
    secrets = mint.secrets()
    await secrets.word(PRINTED)
    await secrets.renewed(PRINTED, word(1))
    await secrets.renewed(PRINTED, word(2))
    assert mint.ran == 2, "it rests"
    assert await secrets.insisted(PRINTED) == Renewal(True)
    assert await secrets.insisted(PRINTED) == Renewal(False, "command mint for a secret: was run just now")
    assert mint.ran == 3
    mint.clock += REST
    assert await secrets.insisted(PRINTED) == Renewal(True)
    assert mint.ran == 4


async def test_a_secret_of_the_environment_cannot_be_renewed():
    secrets = Secrets({"T": "hunter2"})
    for renewal in (await secrets.renewed(Secret("${T}"), "hunter2"), await secrets.insisted(Secret("${T}"))):
        assert renewal == Renewal(False)
    assert await secrets.word(Secret("${T}")) == "hunter2"


async def test_who_gives_up_ends_nobody_elses_run():
    mint = Mint()
    mint.gate.clear()
    secrets = mint.secrets()
    hasty, patient = (asyncio.ensure_future(secrets.word(PRINTED)) for _ in range(2))
    await asyncio.to_thread(mint.begun.wait, 60)
    hasty.cancel()
    await asyncio.wait([hasty])
    mint.gate.set()
    assert (await patient, hasty.cancelled(), mint.ran) == (word(1), True, 1)


async def test_whatever_a_run_fails_of_is_told():
    def broken(_argv):
        raise RuntimeError("out of order")

    with pytest.raises(SecretError, match="out of order"):
        await Secrets({}, broken).word(PRINTED)


async def test_old_words_stay_masked_and_new_ones_are():
    mint = Mint()
    secrets = mint.secrets()
    await secrets.word(PRINTED)
    for number in range(1, 21):
        mint.clock += REST
        assert (await secrets.renewed(PRINTED, word(number))).done
    assert secrets.scrub(" ".join(word(number) for number in range(1, 22))) == " ".join(["***"] * 21)


async def test_what_is_remembered_of_a_command_is_bounded_and_what_the_environment_holds_is_not_forgotten():
    mint = Mint()
    secrets = mint.secrets(T="hunter2-canary")
    secrets.reveal(Secret("${T}"))
    await secrets.word(PRINTED)
    for number in range(1, 200):
        mint.clock += REST
        await secrets.renewed(PRINTED, word(number))
    assert len(secrets._known) < 70
    assert secrets.scrub(f"{word(200)} hunter2-canary") == "*** ***"


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from(["refused", "insisted", "broken", "whole"])), max_size=60))
@settings(deadline=None, max_examples=60)
def test_no_history_of_refusals_makes_a_storm(steps):
    """Of refusals and last tries alike: never two runs within a rest, but for the first."""
    mint = Mint()

    async def flown():
        secrets, runs = mint.secrets(), {"refused": [], "insisted": []}
        await secrets.word(PRINTED)
        for wait, what in steps:
            mint.clock += wait
            before = mint.ran
            if what == "refused":
                await secrets.renewed(PRINTED, await secrets.word(PRINTED))
            elif what == "insisted":
                await secrets.insisted(PRINTED)
            else:
                mint.broken = BROKEN if what == "broken" else ""
            if mint.ran > before:
                runs[what].append(mint.clock)
        return runs

    for times in asyncio.run(flown()).values():
        assert all(later - earlier >= REST for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (
            ("no-such-program-\x1b[2J", "canary"),
            r"^command no-such-program-\^\[\[2J for a secret: No such file or directory$",
        ),
        (("false",), "^command false for a secret: exit 1, nothing printed$"),
        (("true",), "^command true for a secret: exit 0, nothing printed$"),
        (("printf", r"\377\376"), "^command printf for a secret: prints no UTF-8$"),
    ],
)
def test_a_command_that_prints_no_secret_is_told_in_one_line(argv, why):
    with pytest.raises(SecretError, match=why):
        run_command(argv)


def test_a_secret_is_the_first_line():
    assert run_command(("printf", r"hunter2\nmore\n")) == "hunter2"
    assert "canary" not in repr(PRINTED)
