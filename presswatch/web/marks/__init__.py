"""The pages by which editors mark articles: tags, notes and collections."""
