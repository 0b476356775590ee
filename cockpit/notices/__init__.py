"""Notices: messages to other places about what turned, a file for each part of it."""
