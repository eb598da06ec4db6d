"""Watches: what is looked for, what was found, and the mails that tell of it."""
