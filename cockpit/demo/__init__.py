"""An embedded concierge to fly over."""
