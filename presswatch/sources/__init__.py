"""Many sources at once: lists of addresses as other programs export them, and what becomes of them."""
