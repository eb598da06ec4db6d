"""The pages of watches."""
