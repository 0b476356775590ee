"""Sixteen: the colours that every terminal has, on a ground of its own: readable on a light terminal and on a dark."""

from collections.abc import Mapping

from themes.made import made

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

SIXTEEN = made("sixteen", NAMES, dark=True, ansi=True, selection="ansi_blue")
