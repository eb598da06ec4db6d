"""What the sample articles of a site say against reading it as proposed, and what to do about it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from crawler.discovery.results import Sample
from presswatch.model import Article, Precision

# Of fewer articles nothing is concluded; so many with one title are no chance.
_LEAST, _SAME = 3, 3
_LOOK = "`presswatch extract URL --explain` shows what was read of one, and why"


def warnings(samples: Sequence[Sample]) -> tuple[str, ...]:
    """What is to be mended, for people: titles that articles share, days without hours, no authors, and
    linked pages that are no articles, each where it is more than chance."""
    articles = [sample.article for sample in samples if sample.article]
    return (*_of_articles(articles), *_of_others(samples))


def _of_articles(articles: Sequence[Article]) -> Iterator[str]:
    count = len(articles)
    if count < _LEAST:
        return
    [(title, same)] = Counter(article.title for article in articles).most_common(1)
    if same >= _SAME or 2 * same >= count:
        yield (
            f"{same} of {count} articles have the same title, {title!r}, which is hardly theirs. "
            + _mended("title", "the headline stands")
        )
    times = [article.published for article in articles if article.published]
    if 2 * len(times) <= count:
        yield (
            f"{count - len(times)} of {count} articles say no time, so that old ones pass for news. "
            + _mended("published", "it stands")
        )
    elif all(time.precision is Precision.DAY for time in times):
        yield (
            "the articles say only the day of their publication, so those of one day have no order. If their "
            "pages show the hour: " + _mended("published", "it stands")
        )
    nameless = sum(not article.authors for article in articles)
    if 5 * nameless > 4 * count:
        yield (
            f"{nameless} of {count} articles name no author. If their pages do: "
            + _mended("authors", "the names stand")
        )


def _mended(key: str, what: str) -> str:
    return f"{_LOOK}; selectors.{key} in the source's file says where {what}"


def _of_others(samples: Sequence[Sample]) -> Iterator[str]:
    looked_at = [sample for sample in samples if sample.article or sample.kind]
    others = Counter(str(sample.kind) for sample in looked_at if sample.kind)
    count = others.total()
    if len(looked_at) >= _LEAST and 3 * count >= len(looked_at):
        kinds = ", ".join(f"{number} {kind}" for kind, number in others.most_common())
        yield (
            f"{count} of {len(looked_at)} linked pages are no articles ({kinds}). Give a feed or the page "
            "of a section instead, or say with selectors.links in the source's file which links lead to "
            f"articles; if these are articles: {_LOOK}"
        )
