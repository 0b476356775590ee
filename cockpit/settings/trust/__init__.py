"""Whose word the cockpit takes: settings by path and content, as the owner's own act recorded them."""
