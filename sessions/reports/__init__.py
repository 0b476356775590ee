"""The summary for stakeholders, and messages drafted for them."""
