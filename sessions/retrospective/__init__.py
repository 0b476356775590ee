"""The retrospective: drafted from the whole flight, finished by its owner."""
