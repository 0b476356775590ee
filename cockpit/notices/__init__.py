"""Notices to other places about what turned: when, to whom, in which words, by which request."""
