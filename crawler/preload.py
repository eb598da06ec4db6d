"""What the forkserver imports once, so that crawlers and readers share the memory of it.

The garbage collector writes to every object it looks at, and memory that is written to is shared no more:
what is there when the forkserver begins to fork is never looked at. Nor is it before: modules stay, and
looking for garbage among them took a fifth of the time that loading them takes.
"""

import gc

gc.disable()

import presswatch.logs  # noqa: E402, F401  # first, as it spares what structlog would load

import crawler.reading  # noqa: E402  # isort: skip
import crawler.run  # noqa: E402, F401  # isort: skip  # for its memory
from presswatch import urls  # noqa: E402

# The list of public suffixes is read at its first use.
urls.registrable("presswatch.invalid")
gc.freeze()
gc.enable()
