"""Finding out what to read of a site, from its home page alone.

The decisions are pure functions: what to try next (`candidates`), which start pages to take (`choice`), how
often to look (`pace`), in which zone the site lives (`zones`), what it is called (`naming`), what its
articles as they are read warn of (`warnings`). `explore` goes through a site with them; how pages are fetched
is its caller's.
"""
