"""What is done without a person: pauses, fuses, freezes, and the watch for a flag that drifts."""
