"""Unleash: its feature and strategies read, changed and checked."""
