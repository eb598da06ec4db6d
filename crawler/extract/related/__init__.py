"""The article's own links to related articles."""
