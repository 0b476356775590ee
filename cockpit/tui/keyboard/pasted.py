"""Letters that came all at once: whether they are keys is asked, and nothing of them is dropped unasked."""

from typing import TYPE_CHECKING

from textual import events

from widgets.dialogs.burst import Burst

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit


def ask_about(app: "Cockpit", burst: list[events.Event]) -> None:
    """Ask; where it is being asked already, this is more of the same."""
    if isinstance(app.screen, Burst):
        app.screen.add(burst)
        return

    async def ask() -> None:
        dialog = Burst(burst, app.look())
        if await app.put(dialog):
            app.keyboard.first(dialog.burst)
        else:
            app.say("Ignored what came all at once", ok=False)

    app.talk(ask())
