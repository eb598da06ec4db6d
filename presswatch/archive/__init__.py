"""The archive: every source's state, every URL, article, revision, edge, match and mail. The truth.

`Archive.open` gives the database; the modules here are functions over one open transaction each, so that a
caller decides what commits together: `frontier` (URLs to fetch), `articles` (what was read), `runs` (slots
and leases), `sites` (robots.txt), `source_tags` (from the configuration), `feed` (what the index
still has to learn), `alerts` (matches, digests, deliveries).
"""

from presswatch.archive.database import Archive

__all__ = ["Archive"]
