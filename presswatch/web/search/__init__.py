"""The search page and what belongs to it."""
