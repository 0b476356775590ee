"""The edits of a draft, read from the log and applied to each new draft."""
