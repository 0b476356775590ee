"""Day: dark words on warm white, for a bright room; the same quiet as night."""

from collections.abc import Mapping

from themes.made import made

GROUND = "#fbfaf7"
BAND = "#efece5"
INK = "#2a3440"

NAMES: Mapping[str, str] = {
    "ground": GROUND,
    "band": BAND,
    "ink": INK,
    "strong": "#10171f",
    "quiet": "#566170",
    "faint": "#b4bcc6",
    "edge": "#c9cfd7",
    "lead": "#1d5aa8",
    "trend": "#8fb0d8",
    "good": "#1c6f38",
    "hold": "#835200",
    "bad": "#b3261e",
    "blind": "#673ab0",
    "alarm": "#f9dedc",
}

DAY = made("day", NAMES, dark=False, selection="#1d5aa8 30%")
