"""The rollout session: a pure domain, and the files that it is kept in."""
