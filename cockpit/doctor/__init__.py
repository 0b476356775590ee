"""`cockpit doctor`: tries everything that the settings name and says what it found."""
