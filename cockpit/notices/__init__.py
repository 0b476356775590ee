"""Notices to other places: when, to whom, in which words, by which request."""
