"""Flag writers move the flag and always read back."""
