"""The pages of press reviews: their issues, and the desk at which editors make the coming one."""
