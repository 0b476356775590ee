"""What the terminal is: its ground, its colours, its letters."""
