"""`cockpit --version`."""

from importlib.metadata import PackageNotFoundError, version


def version_text() -> str:
    """Say which cockpit this is, also where it runs from its source."""
    try:
        return f"cockpit {version('cockpit')}"
    except PackageNotFoundError:
        return "cockpit (not installed: run from its source)"
