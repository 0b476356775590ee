"""What the owner writes down about a service: where its numbers come from, by which names."""
