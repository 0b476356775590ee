"""The deck over a flight that is flown again: the keys that steer it, and a word for every key that would act."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingsMap

from cockpit.session.replayed import REFUSAL, Replayed
from cockpit.settings.models.settings import Settings
from cockpit.tui.app import Cockpit
from cockpit.tui.keyboard.line import typing
from cockpit.tui.keyboard.noticed import Looks
from cockpit.tui.keys import single

FURTHER = "No further this way"
SCRUB: tuple[Binding, ...] = (
    Binding("space", "play", "Play/stop", tooltip="Let the flight go on, or stop it"),
    Binding("comma", "scrub(-1)", "Back", tooltip="A moment back", key_display=","),
    Binding("full_stop", "scrub(1)", "Forth", tooltip="A moment forth", key_display="."),
    Binding("left_square_bracket", "entry(-1)", "Entry back", tooltip="To the entry before", key_display="["),
    Binding("right_square_bracket", "entry(1)", "Entry forth", tooltip="To the next entry", key_display="]"),
)
"""Wherever a keymap puts the acts, these keys steer a replay."""


class ReplayScreen(Cockpit):
    """The cockpit over a replay: the same panes, the clock of the flight, and no act."""

    def __init__(self, door: Replayed, *, on_ready: Callable[[], None] | None = None, settings: Settings) -> None:
        super().__init__(door, clock=lambda: door.latest().at, on_ready=on_ready, settings=settings)
        self._replayed = door
        steering, known = BindingsMap(SCRUB).key_to_bindings, self._bindings.key_to_bindings
        self._refused = {
            one.key for row in (*self._acts_bound, *self._steps) if _acts(row) for one in single(row)
        } - steering.keys()
        self._bindings = BindingsMap.from_keys(
            {**steering, **{key: rows for key, rows in known.items() if key not in steering}}
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False for every act: none is shown."""
        return False if action in ("act", "step") else super().check_action(action, parameters)

    async def deal(self, event: events.Event) -> None:
        """Say of a key that would act that nothing here does; deal with any other."""
        if isinstance(event, events.Key) and event.key in self._refused and not typing(self.focused):
            self.say(REFUSAL, ok=False)
            return
        await super().deal(event)

    def action_play(self) -> None:
        """Play on, or stop."""
        no = "Stopped" if self._replayed.playing else FURTHER
        self._steer(self._replayed.play(), "Plays on", no)

    def action_scrub(self, way: int) -> None:
        """Show the moment before or after."""
        self._steer(self._replayed.step(way), "", FURTHER)

    def action_entry(self, way: int) -> None:
        """Show the moment of the entry before or after."""
        self._steer(self._replayed.entry(way), "", FURTHER)

    def _steer(self, done: "Future[bool]", yes: str, no: str) -> None:
        """Show what came of a key: the replay may have to judge from the beginning again."""
        self.run_worker(self._steered(done, yes, no), group="replay", exit_on_error=False)

    async def _steered(self, done: "Future[bool]", yes: str, no: str) -> None:
        with self.talks.asking():
            said = yes if await asyncio.wrap_future(done) else no
        if said:
            self.say(said, ok=said != FURTHER)
        self.paint()

    def looks(self) -> Looks:
        """Return what can be seen now: the clock of the flight goes by keys only, and is part of it."""
        looks = super().looks()
        return replace(looks, seen=(*looks.seen, self._replayed.latest().at))


def _acts(row: Binding) -> bool:
    return row.action.startswith(("act(", "step("))
