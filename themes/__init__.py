"""The themes, the colours they share by name, and where the style sheet lies: nothing else knows a colour."""

from collections.abc import Mapping
from pathlib import Path

from textual.theme import Theme

from themes.day import DAY
from themes.night import NAMES, NIGHT
from themes.sixteen import SIXTEEN as FEW

THEMES: tuple[Theme, ...] = (NIGHT, DAY, FEW)
DEFAULT = NIGHT.name
LIGHT = DAY.name
SIXTEEN = FEW.name
VARIABLE_DEFAULTS: Mapping[str, str] = NAMES
STYLESHEET = Path(__file__).with_name("cockpit.tcss")
