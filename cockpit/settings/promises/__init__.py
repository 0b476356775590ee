"""The plan that the files give: the plan beside the settings, both together, and how a session differs."""
