"""What is learnt from a source's other pages."""

from datetime import UTC, datetime

import pytest

from crawler.extract import infer_date_order, read_article
from presswatch.model import Article, DateOrder, Hints, Page

DAY, MONTH, UNKNOWN = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.UNKNOWN


@pytest.mark.parametrize(
    ("raws", "order"),
    [
        (["25/12/2026", "13.04.2026 09:30", "31-01-2026", "03/04/2026"], DAY),
        (["12/25/2026", "Published 04/13/2026", "1/31/2026 9:30 am"], MONTH),
        (["03/04/2026"] * 20, UNKNOWN),
        (["25/12/2026", "26/12/2026"], UNKNOWN),
        (["25/12/2026"] * 5 + ["12/25/2026"] * 5, UNKNOWN),
        (["25/12/2026"] * 30 + ["12/25/2026"], DAY),
        (["2026-12-25", "2026/25/12", "25 December 2026", ""] * 5, UNKNOWN),
    ],
)
def test_the_order_is_told_by_dates_that_leave_no_doubt(raws: list[str], order: DateOrder) -> None:
    assert infer_date_order(raws) is order


@pytest.mark.parametrize(("order", "day"), [(DAY, (4, 3)), (MONTH, (3, 4)), (UNKNOWN, (4, 3))])
def test_a_doubtful_date_is_read_as_the_source_writes(order: DateOrder, day: tuple[int, int]) -> None:
    said = "The ferry was towed away at night, and the harbour is open again to all ships, said the master."
    text = "".join(f"<p>{number}. {said}</p>" for number in range(6))
    head = "<html lang=en><title>Ferry freed</title><h1>Ferry freed at last</h1>"
    html = f"{head}<p>03/04/2026 10:15</p>{text}"
    url = "https://gazette.example/ferry-freed-at-last"
    page = Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), html.encode(), "text/html")
    article = read_article(page, Hints(date_order=order))
    assert isinstance(article, Article)
    assert article.published is not None
    assert (article.published.instant.month, article.published.instant.day) == day
