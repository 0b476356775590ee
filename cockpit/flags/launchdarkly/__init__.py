"""LaunchDarkly: its flag read, changed and checked."""
