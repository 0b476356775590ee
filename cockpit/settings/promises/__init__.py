"""What the files promise: the plan that stands beside the settings, both together, and where a session differs."""
