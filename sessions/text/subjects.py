"""What figures are about, said after them: `on POST /capsules`, `in capsule_created`."""

EVERY = "all"
"""The subject that means all endpoints together."""
_HOLDERS = ("analytics", "analytics_outage", "growth", "duplication")
"""Criteria and risks whose subjects hold what is counted: events of a journey, documents of a collection."""


def about(name: str, subject: str) -> str:
    """Say after the figures of a criterion or a risk what they are about, with a blank before it; empty for nothing."""
    if not subject:
        return ""
    if subject == EVERY:
        return " on all endpoints"
    return f" {'in' if name in _HOLDERS else 'on'} {subject}"
