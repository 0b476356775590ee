"""A drill: a flight by hand through a trouble that is not named before its end, and what it is worth."""
