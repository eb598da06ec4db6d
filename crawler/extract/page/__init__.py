"""A page as it was parsed: its tree, its pieces in order, its markup and its links."""
