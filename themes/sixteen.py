"""Sixteen: the colours that every terminal has, on a ground of its own: readable on a light terminal and on a dark."""

from collections.abc import Mapping

from textual.theme import Theme

NAMES: Mapping[str, str] = {
    "ground": "ansi_black",
    "band": "ansi_black",
    "ink": "ansi_white",
    "strong": "ansi_bright_white",
    "quiet": "ansi_white",
    "faint": "ansi_bright_black",
    "edge": "ansi_bright_black",
    "lead": "ansi_bright_cyan",
    "trend": "ansi_cyan",
    "good": "ansi_bright_green",
    "hold": "ansi_yellow",
    "bad": "ansi_bright_red",
    "blind": "ansi_bright_magenta",
    "alarm": "ansi_black",
}

SIXTEEN = Theme(
    name="sixteen",
    primary=NAMES["lead"],
    secondary=NAMES["quiet"],
    accent=NAMES["lead"],
    success=NAMES["good"],
    warning=NAMES["hold"],
    error=NAMES["bad"],
    foreground=NAMES["ink"],
    background=NAMES["ground"],
    surface=NAMES["band"],
    panel=NAMES["band"],
    dark=True,
    ansi=True,
    variables={**NAMES, "input-selection-background": "ansi_blue", "border": NAMES["lead"]},
)
