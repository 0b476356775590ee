"""`cockpit trust`: what the owner looks at, and takes the word of."""
