"""When things happen: what is due, the crawl processes, and the daemon."""
