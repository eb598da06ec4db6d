"""What a source's other pages tell of how it writes."""

from collections.abc import Iterable

from crawler.extract.fields.dates import order_of
from presswatch.model import DateOrder

# So many dates have to tell, and so many more of one kind than of the other: a page may quote another's.
_FEWEST = 3
_TIMES = 10


def infer_date_order(raws: Iterable[str]) -> DateOrder:
    """Which of two numbers is the day, by dates that leave no doubt: 25/12/2026 is day first."""
    orders = [order_of(raw) for raw in raws]
    day, month = orders.count(DateOrder.DAY_FIRST), orders.count(DateOrder.MONTH_FIRST)
    if max(day, month) < _FEWEST or max(day, month) < _TIMES * min(day, month):
        return DateOrder.UNKNOWN
    return DateOrder.DAY_FIRST if day > month else DateOrder.MONTH_FIRST
