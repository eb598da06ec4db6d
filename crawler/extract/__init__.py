"""Reading a fetched page: pure functions of the page and of what its source knows; no network, no clock.

`read_article` tells an article from what is none and gives all its fields; `read_start_page` gives the links
of a start page. Neither raises, whatever the bytes. `learn` tells from the `traits` of a source's pages what
repeats over them.
"""

from crawler.extract.article import (
    EXTRACTOR,
    Sheet,
    join,
    next_sheet,
    read_article,
    read_article_traced,
    read_sheet,
)
from crawler.extract.fields.inference import infer_date_order
from crawler.extract.page.site_facts import Traits, learn, traits
from crawler.extract.page.trace import TraceEntry
from crawler.extract.start.start_page import read_start_page

__all__ = [
    "EXTRACTOR",
    "Sheet",
    "TraceEntry",
    "Traits",
    "infer_date_order",
    "join",
    "learn",
    "next_sheet",
    "read_article",
    "read_article_traced",
    "read_sheet",
    "read_start_page",
    "traits",
]
