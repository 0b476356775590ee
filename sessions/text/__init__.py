"""Cleaning, units, intervals and Markdown of texts."""
