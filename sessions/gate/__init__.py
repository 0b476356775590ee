"""Risks, soak and gate: everything that is judged of one moment."""
