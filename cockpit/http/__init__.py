"""HTTP for everybody here: one client, its logins, and what a driver may log."""
