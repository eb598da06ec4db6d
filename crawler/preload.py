"""What the forkserver imports once, so that crawlers and readers share the memory of it.

The garbage collector writes to every object it looks at, and memory that is written to is shared no more:
what is there when the forkserver begins to fork is never looked at again.
"""

import gc

import crawler.reading
import crawler.run  # noqa: F401  # for its memory
from presswatch import urls

# The list of public suffixes is read at its first use.
urls.registrable("presswatch.invalid")
gc.collect()
gc.freeze()
