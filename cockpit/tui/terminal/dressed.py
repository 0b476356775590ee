"""An app in the theme, letters and mouse that the settings ask for: the deck, and the list of all sessions."""

import os
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter

import themes
from cockpit.settings.models.settings import Settings
from cockpit.tui.driver import TerminalDriver
from cockpit.tui.keyboard.keyed import KeyedApp
from cockpit.tui.terminal.ascii import Ascii, wanted
from cockpit.tui.terminal.colours import at_first, for_ground
from cockpit.tui.terminal.exact import ExactColours

R = TypeVar("R")


class DressedApp(KeyedApp[R]):
    """Takes `theme`, `glyphs` and `mouse` from the settings."""

    def __init__(self, settings: Settings) -> None:
        for name in ("COLUMNS", "LINES"):  # left over from another terminal: ours says its size itself
            os.environ.pop(name, None)
        super().__init__()
        self._filters = [
            ExactColours(self.ansi_theme, enabled=one.enabled) if isinstance(one, ANSIToTruecolor) else one
            for one in self._filters
        ]
        self._mouse = settings.mouse
        self._wanted = settings.theme
        self._ascii = Ascii(enabled=wanted(settings.glyphs, os.environ))
        for theme in themes.THEMES:
            self.register_theme(theme)
        self._dress(at_first(settings.theme, None))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own colour names, so that any other theme has them too."""
        return dict(themes.VARIABLE_DEFAULTS)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each painted line goes through; the letters last."""
        return [*super().get_line_filters(), *([self._ascii] if self._ascii.enabled else [])]

    def _dress(self, theme: str) -> None:
        """Take a theme before the first paint."""
        self.set_reactive(cast("Any", App.theme), theme)
        self.stylesheet.set_variables(self.get_css_variables())
        for one in self._filters:
            if isinstance(one, ANSIToTruecolor):
                one.enabled = not self.native_ansi_color

    def lit(self, *, is_light: bool) -> None:
        """Take the theme for the terminal's ground."""
        self.theme = for_ground(self._wanted, self.theme, is_light=is_light)

    def run(self, *args: object, **kwargs: object) -> R | None:
        """Run until left."""
        self._dress(at_first(self._wanted, self.console.color_system))
        return super().run(*args, mouse=self._mouse, **kwargs)  # type: ignore[arg-type]

    def turn_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it again; return whether it is ours now."""
        self._mouse = not self._mouse
        if isinstance(self._driver, TerminalDriver):
            self._driver.mouse = self._mouse
        return self._mouse
