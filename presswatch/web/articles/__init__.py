"""The pages of articles and stories, and the way of a page."""
