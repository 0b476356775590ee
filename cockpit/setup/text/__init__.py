"""The two files as text, each commented so that a person can edit it."""
