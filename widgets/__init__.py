"""Panes and dialogs: they show sessions' values and change nothing."""
