"""What the models are made of: fields, secrets, placeholders, TOML with its lines."""
