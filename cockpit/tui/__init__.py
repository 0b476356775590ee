"""The Textual app: screens, keys, prompts, and how it leaves."""
