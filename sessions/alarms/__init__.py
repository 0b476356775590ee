"""Which alarms ring, are acknowledged, wait for delivery."""
