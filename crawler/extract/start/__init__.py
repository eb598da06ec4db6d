"""Start pages: listings, feeds, sitemaps, and the first look at a site."""
