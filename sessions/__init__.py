"""The rollout session: a pure domain and the two files that touch a disk."""
