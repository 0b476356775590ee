"""Night: quiet slate, one blue, and colour only where something is not calm."""

from collections.abc import Mapping

from themes.made import made

GROUND = "#0e131a"
BAND = "#171e28"
INK = "#ccd5e0"

NAMES: Mapping[str, str] = {
    "ground": GROUND,
    "band": BAND,
    "ink": INK,
    "strong": "#f0f4f9",
    "quiet": "#8492a5",
    "faint": "#3d4a5c",
    "edge": "#2b3644",
    "lead": "#7fb2f5",
    "trend": "#4a6d99",
    "good": "#7bcf8f",
    "hold": "#e6b455",
    "bad": "#ff7f79",
    "blind": "#c39bf5",
    "alarm": "#34181c",
}
"""What a style may be called on screen; `faint` and `edge` draw lines, never words."""

NIGHT = made("night", NAMES, dark=True, selection="#7fb2f5 30%")
