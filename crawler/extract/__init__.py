"""Reading a fetched page: pure functions of the page and of what its source knows; no network, no clock.

`read` tells an article from what is none and gives all its fields; `look` gives the links of a start page.
Neither raises, whatever the bytes.
"""

from crawler.extract.article import EXTRACTOR, explained, read
from crawler.extract.evidence import Witness
from crawler.extract.habits import date_order
from crawler.extract.start import look

__all__ = ["EXTRACTOR", "Witness", "date_order", "explained", "look", "read"]
