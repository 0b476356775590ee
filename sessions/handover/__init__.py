"""What happened while the owner was away."""
