"""Words of other systems that are known where the settings list none; compared without case and outer blanks."""

CRITICAL = ("critical", "P0", "P1")
"""Severities that hold the gate."""

HARMLESS = (
    *("P2", "P3", "P4", "P5", "warning", "warn", "notice", "info", "information", "informational", "debug", "trace"),
    *("medium", "minor", "low", "normal", "none", "ok", "ticket"),
)
"""Severities that nobody is called for."""

CLOSED = (
    *("closed", "solved", "resolved", "done", "completed", "answered", "cancelled", "canceled", "rejected", "declined"),
    *("merged", "duplicate", "spam", "deleted", "archived", "expired"),
)
"""Statuses of a ticket that nobody waits for."""

NOT_EXPOSED = ("off", "false", "control")
"""Texts that say that a user has not the flag."""

UNKNOWN = ("hold", "tell")
"""What is done about a word that nobody listed."""
