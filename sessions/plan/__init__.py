"""The rollout plan: its model, its TOML file, its checks."""
