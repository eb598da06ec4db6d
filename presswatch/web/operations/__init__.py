"""The pages of sources and of operations."""
