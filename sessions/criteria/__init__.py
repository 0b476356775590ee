"""One judge per stability criterion of the plan."""
