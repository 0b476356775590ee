"""From the terminal's bytes to one key after another: nothing is lost, nothing overtakes."""
