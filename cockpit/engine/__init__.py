"""The Watch: polls sources, keeps the judgement, acts by itself where the plan says so."""
