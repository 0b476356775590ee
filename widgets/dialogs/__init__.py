"""Questions over the screen."""
