"""Copying: a text goes to the clipboard of the person at the terminal, also over SSH and through tmux.

`y` copies if a cursor is shown. A plan may give `y` to a runbook step; the step is then named and waits, because
copying changes nothing, and a step may stop a flow for everybody. Without a cursor on the deck, `y` does the step. On
the screen of the risks, which shows the steps with their letters, `y` does the step and `Y` copies.
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cockpit.tui.screens.board import step_allowed
from sessions.text.clean import clean
from widgets.base.view import View

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_LOG = logging.getLogger(__name__)
_MOST_SAID = 80
_PATIENCE = 2.0
TMUX = ("tmux", "load-buffer", "-w", "-")
"""tmux swallows what a program asks of the terminal's clipboard unless it is told not to; its own command does it."""


def copy(app: "Cockpit", text: str, step: str = "") -> None:
    """Copy a text and say so; `step` is what the letter would do with nothing under the cursor."""
    app.copy_to_clipboard(text)
    if os.environ.get("TMUX") and not app.is_headless:
        app.run_worker(through_tmux(text, os.environ), group="copy", exit_on_error=False)
    app.say(f"Copied: {clean(text, _MOST_SAID)}{f'  ({step}: esc, then y)' if step else ''}")


async def through_tmux(text: str, environ: Mapping[str, str]) -> None:
    """Hand the text to the tmux around us, and with it to the terminal around that; one that cannot is no trouble."""
    try:
        async with asyncio.timeout(_PATIENCE):
            pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
            tmux = await asyncio.create_subprocess_exec(*TMUX, stdin=pipe, stdout=null, stderr=null, env=dict(environ))
            try:
                await tmux.communicate(text.encode())
            finally:
                if tmux.returncode is None:
                    tmux.kill()
                    await tmux.wait()
    except (OSError, TimeoutError) as error:
        _LOG.warning("tmux does not take what is copied: %s", error)


def step_of(view: View, letter: str) -> str:
    """Return the runbook step that wears a letter and may be done now, empty if none does."""
    for number, risk in enumerate(view.plan.risks):
        for step in risk.steps:
            if view.letter(risk, step) == letter and step_allowed(view, number):
                return clean(step.text, 60)
    return ""
