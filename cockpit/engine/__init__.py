"""The Watch: polls sources, judges, and acts without a person if the plan says so."""
