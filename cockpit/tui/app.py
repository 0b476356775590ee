"""The terminal program: screens, keys and answers over one door to the Watch. It only paints and asks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextvars import Context, copy_context
from datetime import datetime, tzinfo
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.command import Provider
from textual.screen import ModalScreen, Screen

import themes
from cockpit.session.interface import WatchInterface
from cockpit.settings.keymap.keys import arranged
from cockpit.settings.keymap.own import bindings_of
from cockpit.settings.models.settings import Settings
from cockpit.tui.bell_and_title import TerminalAlerts
from cockpit.tui.keyboard.answers import STANDS, Answers
from cockpit.tui.keyboard.line import typing
from cockpit.tui.keyboard.unanswered import begin
from cockpit.tui.keys import bound, repeatable, shown_keys, step_bindings, together
from cockpit.tui.plain_acts import PLAIN, refusal
from cockpit.tui.screens.board import Shown, act_allowed, step_allowed
from cockpit.tui.screens.deck import Deck
from cockpit.tui.screens.lazy import preload, screen_called
from cockpit.tui.second_hand import SecondHand
from cockpit.tui.shutdown import Shutdown, hung_up
from cockpit.tui.terminal.dressed import DressedApp
from cockpit.tui.terminal.written import Written
from sessions.text.clean import clean, placed
from sessions.values.requests import Answer, Request
from widgets.base.pane import Pane
from widgets.base.view import View

if TYPE_CHECKING:
    from sessions.handover.handover import Absence

WHOLE = 30.0
"""Seconds between two paints of the whole screen; in between only cells that differ are written."""
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


def _commands() -> type[Provider]:
    """Return what the palette finds; it is not loaded before somebody opens one."""
    from cockpit.tui.keyboard.listed import Commands

    return Commands


class Cockpit(DressedApp[int]):
    """One window over one session."""

    TITLE = "cockpit"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = themes.STYLESHEET
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}

    def __init__(  # noqa: PLR0913 (a screen is given whole what it shows)
        self,
        door: WatchInterface,
        *,
        tz: tzinfo | None = None,
        clock: Callable[[], datetime],
        slowed: Callable[[], float] = float,
        on_ready: Callable[[], None] | None = None,
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings()
        super().__init__(settings)
        self._on_ready = on_ready
        self.door = door
        self.answers = Answers(self)
        self._tz = tz
        self._clock = clock
        self._slowed = slowed
        self._busy: set[str] = set()
        self._hand = SecondHand(self)
        self._keys_read: asyncio.Task[None] | None = None
        self._leaving = Shutdown(self._left)
        plan, keys = door.latest().state.plan, arranged(settings.keymap)
        self._acts_bound, self._steps = bound(keys), step_bindings(plan, keys)
        self._bindings = together((), [*self._acts_bound, *self._steps])
        self.set_keymap(bindings_of(keys.changed))
        self._keys = shown_keys(plan, keys, self.get_key_display)
        self._calling = TerminalAlerts(settings.notifications, settings.service, tz)
        self._written = Written()

    def get_default_screen(self) -> Screen[None]:
        """Return the deck: the first paint is the whole of it."""
        return Deck(self.look())

    def on_mount(self) -> None:
        """Listen to the Watch, to the second hand and to signals."""
        self._leaving.watch()
        self._keys_read = asyncio.create_task(self._read_keys(), name="keys")
        self.door.on_change(partial(_wake, asyncio.get_running_loop(), copy_context(), self._changed))
        self.app_resume_signal.subscribe(self, self._resumed)
        self.screen_change_signal.subscribe(self, self.answers.show)
        self.set_interval(1.0, self._second)
        self.set_interval(WHOLE, self._whole)
        self.call_after_refresh(self.paint)
        if self._on_ready is not None:
            self.call_after_refresh(self._on_ready)
        self.set_timer(1.0, preload)

    def on_unmount(self) -> None:
        """Read no more keys."""
        if self._keys_read is not None:  # one that failed on its way here never listened
            self._keys_read.cancel()

    def parting(self) -> str:
        """Return what is written to the terminal before the screen is suspended or closed."""
        return self._calling.over()

    def run(self, *args: object, **kwargs: object) -> int | None:
        """Run until the screen is left; signal handlers are always restored."""
        try:
            return super().run(*args, **kwargs)
        finally:
            self._leaving.done()

    # What is shown

    def look(self) -> View:
        """Return the view of this moment."""
        door, now = self.door, self._clock()
        return View(door.latest(), now, self._tz, door.viewer, self._keys, door.follows, self._slowed())

    def paint(self) -> None:
        """Show the newest view on every screen that is up; newest wins."""
        view = self.look()
        self._hand.painted(view.judgement, view.now)
        for screen in self.screen_stack:
            if isinstance(screen, Shown):
                screen.show(view)
        if self._driver is not None and (call := self._calling.to(view)):
            self._driver.write(call)

    def hand_over(self, absence: "Absence | None" = None) -> None:
        """Show on the deck what happened during an absence; without one given, during the last."""
        if isinstance(deck := self.screen_stack[0], Deck) and not deck.hand_over(absence):
            self.say("Nothing to hand over: you were not away while this screen was open")

    def _changed(self) -> None:
        """There is a new judgement."""
        if self.is_running:
            self._hand.changed(self.door.latest(), self._clock())

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write only what differs from what is there; where Textual asks no more, all of it is written."""
        super()._display(screen, self._written.sparing(renderable))

    def _resumed(self, _signal: object) -> None:
        """Back from the shell: what it wrote is painted over."""
        self._written.forget()
        self.call_later(self.screen.refresh, layout=True)
        self.call_after_refresh(self.paint)

    def _whole(self) -> None:
        """Make every picture and write every cell: nothing that is kept, or was written over, stands for longer."""
        for pane in self.screen.query(Pane):
            pane.forget()
        self.screen.refresh()

    def _second(self) -> None:
        """Countdowns go on without the Watch; a terminal that is gone ends the screen."""
        if not self.is_headless and hung_up():
            self._left(129)
        else:
            self._hand.passed()

    # What is asked

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return True if an action works now, None if it is shown grey, False if it is not shown."""
        if action == "act":
            return act_allowed(self.look(), str(parameters[0]))
        if action == "step":
            return step_allowed(self.look(), int(str(parameters[0])))
        return True

    def action_act(self, name: str) -> None:
        """Begin the conversation about an act."""

        async def ask(asker: Cockpit) -> Request | None:
            if name in PLAIN:
                return Request(PLAIN[name])
            from cockpit.tui.prompts import ASKS

            return await ASKS[name](asker)

        self.converse(name, ask)

    def action_step(self, number: int, position: int) -> None:
        """Begin a runbook step."""

        async def ask(asker: Cockpit) -> Request | None:
            from cockpit.tui.prompts import step_request

            risk = self.door.latest().state.plan.risks[number]
            return await step_request(risk.id, risk.steps[position])(asker)

        self.converse(f"step {number}.{position}", ask)

    def converse(self, name: str, ask: Callable[["Cockpit"], Awaitable[Request | None]]) -> None:
        """Begin a dialog that may end in a request; a second press meanwhile does nothing."""
        if name in self._busy:
            self.say(f"{name}: the last one is not answered yet", ok=False)
            return
        self._busy.add(name)
        self.talk(self._converse(name, ask))

    def talk(self, conversation: Coroutine[object, object, object]) -> None:
        """Begin a conversation: the dialogs that it puts get the keys that follow."""
        self.run_worker(self.talks.held(conversation), group="act", exit_on_error=False)

    async def _converse(self, name: str, ask: Callable[["Cockpit"], Awaitable[Request | None]]) -> None:
        try:
            if why := refusal(self.door.latest().state, name):
                self.say(why, ok=False)
                return
            request = await ask(self)
            if request is not None:
                await self.tell(request)
        except Exception as error:  # noqa: BLE001 - an act that cannot be asked must not end the watch
            _LOG.exception("act %s failed", name)
            self.say(f"{name}: {type(error).__name__}: {error}", ok=False)
        finally:
            self._busy.discard(name)

    async def tell(self, request: Request) -> bool:
        """Ask the Watch, show its answer, and return whether it was done."""
        return await self._told(request, self._asked(request))

    def open_sheet(self, task: str) -> None:
        """Show the sheet of a task or a runbook step over the current screen."""
        from cockpit.tui.screens.sheet import SheetScreen

        if isinstance(self.screen, SheetScreen):
            self.pop_screen()
        self.push_screen(SheetScreen(self.look(), task))

    async def put(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and return its answer, None when it was left."""
        with self.talks.waiting(dialog):
            return await self.push_screen_wait(dialog)

    def send(self, request: Request) -> None:
        """Ask the Watch now, before later requests, without waiting for the outcome."""
        self.run_worker(self._told(request, self._asked(request)), group="act", exit_on_error=False)

    def _asked(self, request: Request) -> Future[Answer]:
        """Ask at once; what cannot even be asked is an answer that failed."""
        try:
            return self.door.ask(request)
        except Exception as error:  # noqa: BLE001 - the Watch is another thread: whatever it raised is one line here
            failed = Future[Answer]()
            failed.set_exception(error)
            return failed

    async def _told(self, request: Request, asked: Future[Answer]) -> bool:
        """Wait for the answer, show it, and return whether it was done."""
        try:
            with self.talks.asking():
                answer = await asyncio.wrap_future(asked)
        except Exception as error:  # noqa: BLE001 - the Watch is another thread: whatever it raised is one line here
            _LOG.exception("asking for %s failed", request.act)
            self.say(f"{request.act}: {error}", ok=False)
            return False
        self.say(placed(answer.text) or request.act.value, ok=answer.ok and answer.saved)
        self.paint()
        return answer.ok

    def say(self, text: str, *, ok: bool = True, seconds: float = STANDS) -> None:
        """Say one line in the bottom row, literally."""
        self.answers.say(text, ok=ok, seconds=seconds)

    @property
    def told(self) -> str:
        """What stands in the place of answers now."""
        return self.answers.now.text if self.answers.now else ""

    def refuse(self, key: str, why: str) -> None:
        """Say why a key did nothing."""
        self.answers.say(why, ok=False, key=self.get_key_display(Binding(key, "")))

    # Where to look

    def action_look(self, name: str) -> None:
        """Go to a screen; the deck is always below."""
        if isinstance(self.screen, ModalScreen):
            return
        if f"screen.{name}" == getattr(self.screen, "SCREEN", ""):
            self.say("This screen is shown already", ok=False)
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if name == "handover":
            self.hand_over()
        elif name != "deck":
            self.push_screen(screen_called(name, self.look()))
        self.call_after_refresh(self.paint)

    def action_help(self) -> None:
        """Show every key."""
        from cockpit.tui.keyboard.listed import rows_of
        from widgets.dialogs.help import Help

        self.push_screen(Help(rows_of(self, self.screen, self.listed), self.look()))

    @property
    def listed(self) -> tuple[Binding, ...]:
        """The acts, the screens and the steps of the runbook with their keys."""
        return (*self._acts_bound, *self._steps)

    def action_how_to_quit(self) -> None:
        """Say how to leave: this key copies everywhere else."""
        self.say(f"Press {self._keys['app.quit']} to leave; the session is safe on disk")

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it again."""
        left = f"The mouse is the terminal's: select text with it; {self._keys['app.mouse']} takes it again"
        self.say(left if not self.turn_mouse() else "The mouse is the cockpit's again: a click selects, two open")

    def action_leave(self) -> None:
        """Leave the screen; the caller ends the rest."""
        self.exit(0)

    def _left(self, code: int) -> None:
        percent = self.door.latest().state.phase
        last = Text(f"cockpit: ended by signal {code - 128}; the session is saved, the rollout stays at {percent} %")
        self.exit(code, return_code=code, message=last)

    # Keys and faults

    async def deal(self, event: events.Event) -> None:
        """Deal with a key, a paste or a click whose turn it is; it ends what was said of the one before."""
        begin(self, event)
        if isinstance(event, events.Paste) and not typing(self.focused):
            self.said_of_paste(event)
        else:
            await super().deal(event)

    def settled(self) -> None:
        """Show the keys again, where the one that was dealt with said nothing."""
        self.answers.show(self.screen)

    def repeats(self, key: str) -> bool:
        """Return whether a key may act as often as it comes: it moves, or it means nothing here."""
        active = self.screen.active_bindings.get(key)
        return active is None or repeatable(active.binding, here=active.node is not self)

    def ask_about(self, burst: list[events.Event]) -> None:
        """Ask whether letters that came all at once are keys."""
        from cockpit.tui.keyboard.pasted import ask_about

        ask_about(self, burst)

    async def _read_keys(self) -> None:
        try:
            await self.keyboard.run()
        except Exception as error:  # noqa: BLE001 - a fault behind a key is a fault of the screen
            self._handle_exception(error)

    def _fatal_error(self) -> None:
        """End with one line instead of a traceback: locals can hold what nobody should read."""
        error = self._exception
        _LOG.error("the screen failed", exc_info=error)
        said = f"cockpit: the screen failed: {type(error).__name__}: {clean(error, 200)}; the session is saved"
        self.panic(Text(said))


def _wake(loop: asyncio.AbstractEventLoop, ours: Context, changed: Callable[[], None]) -> None:
    """Pass the word on from the Watch's thread, into our own context; a screen that is gone hears nothing."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(changed, context=ours)
