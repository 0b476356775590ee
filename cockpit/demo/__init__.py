"""A concierge service of our own to fly over, and what flies it without a person."""
