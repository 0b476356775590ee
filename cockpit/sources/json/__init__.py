"""Readings out of JSON that an HTTP address or a command gives."""
