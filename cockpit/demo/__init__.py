"""The demo's own concierge service, and the autopilot that flies it."""
