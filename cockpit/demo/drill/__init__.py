"""A drill: you fly through a secret trouble by hand, and get a score."""
