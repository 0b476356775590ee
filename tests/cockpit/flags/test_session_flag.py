import pytest

from cockpit.flags.interface.writer import FlagError
from cockpit.flags.recorded_only import SessionFlag
from tests.support.build import T0


async def test_it_holds_what_was_written():
    flag = SessionFlag(lambda: (10, ["sla-message"]))
    assert (flag.name, flag.moves) == ("session", False)
    await flag.write(25)
    await flag.switch("capsules-flow", on=True)
    await flag.switch("sla-message", on=False)
    await flag.switch("never-was", on=False)
    value = await flag.read(T0)
    assert (value.source, value.at, value.percent, value.switches) == ("session", T0, 25, ("capsules-flow",))


@pytest.mark.parametrize("percent", [-1, 101, True, 12.345, "25", None])
async def test_it_refuses_what_is_no_percentage(percent):
    flag = SessionFlag(lambda: (10, ()))
    with pytest.raises(FlagError, match="is no percentage from 0 to 100"):
        await flag.write(percent)
    assert (await flag.read(T0)).percent == 10


async def test_what_the_entries_say_later_takes_its_place():
    told = [10, ()]
    flag = SessionFlag(lambda: told)
    await flag.write(25)
    await flag.switch("sla-message", on=True)
    told[:] = [25, ("sla-message",)]
    assert (await flag.read(T0)).percent == 25
    told[:] = [10, ()]
    value = await flag.read(T0)
    assert (value.percent, value.switches) == (10, ())
