"""The article's text, as blocks."""
