"""Pages of real size and build, made for the crawl's bench: the same for the same number of an outlet.

The words are the sample press's, drawn anew for each page by Zipf's law with a fixed seed: no two texts are
alike. What surrounds them is as on the labelled pages of `make bench-extraction` (medians: 1,000 elements,
180 links, 34 scripts, 18 deep), most of it the same on all pages of a host.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from presswatch.demo.engines import ENGINES
from presswatch.demo.story import stories

LANGUAGES = ("en", "de", "fr", "es", "zh")
# The first pages link to one another.
_LINKED = 20
_FIRST = datetime(2026, 11, 1, 6, tzinfo=UTC)
# Nothing in a word needs escaping, and what is inserted is HTML and JSON of our own.
_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=False)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language, the commonest first, and what stands between two of them."""

    language: str
    words: Sequence[str]
    weights: Sequence[float]
    gap: str

    def draw(self, source: random.Random, count: int) -> str:
        return self.gap.join(source.choices(self.words, cum_weights=self.weights, k=count))

    def sentence(self, source: random.Random, count: int) -> str:
        text = self.draw(source, count)
        return f"{text[:1].upper()}{text[1:]}{'.' if self.gap else '。'}"


@cache
def vocabulary(language: str) -> Vocabulary:
    """The words of the sample press in this language; of Chinese the characters, in pairs."""
    told = " ".join(
        paragraph
        for engine in ENGINES
        if engine.language == language
        for story in stories(engine.id, _FIRST, timedelta(0))
        for paragraph in story.paragraphs
    )
    found = re.findall(r"[\u4e00-\u9fff]{2}" if language == "zh" else r"[^\W\d_]+", told)
    words = sorted(set(found), key=lambda word: (-found.count(word), word))
    # Words that are put together make a vocabulary as large as a newspaper's.
    source = random.Random(language)
    together = {"".join(source.sample(words, 2)).lower() for _ in range(6_000)}
    words += sorted(together - set(words))
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    return Vocabulary(language, words, weights, "" if language == "zh" else " ")


@dataclass(frozen=True, slots=True)
class _Article:
    number: int
    title: str

    @property
    def path(self) -> str:
        return f"/news/2026/11/{1 + self.number % 28:02d}/article-{self.number}.html"


class Outlet:
    """The pages of one host. `address` is `http://host:port`."""

    def __init__(self, number: int, pages: int, address: str) -> None:
        # In letters: a headline that says 404 is that of no article.
        self._name = "Outlet " + "".join("ABCDEFGHIJ"[int(digit)] for digit in str(number))
        self._address = address
        self._random = random.Random(number)
        self._words = vocabulary(LANGUAGES[number % len(LANGUAGES)])
        self._articles = [_Article(page, self._sentence(7, 12)[:-1]) for page in range(pages)]
        self._frame = self._make_frame()

    def listing(self, published: int | None = None, shown: int | None = None) -> str:
        """The start page: of the first `published` articles (all) the newest `shown` ones (all)."""
        newest_first = self._articles[:published][::-1]
        rows = "".join(
            f'<article><h2><a href="{one.path}">{one.title}</a></h2><p>{self._sentence(12, 20)}</p></article>'
            for one in newest_first[:shown]
        )
        return (
            f'<!doctype html><html lang="{self._words.language}"><head><meta charset="utf-8">'
            f"<title>{self._name}</title></head><body>{self._frame['top']}<main>{rows}</main>{self._frame['bottom']}</body></html>"
        )

    def articles(self) -> Iterator[tuple[str, str]]:
        """Every article's path with its page."""
        template = _TEMPLATES.get_template("article.html")
        for page in self._articles:
            yield page.path, template.render(self._article(page), **self._frame)

    def _article(self, page: _Article) -> dict[str, object]:
        source, published = self._random, _FIRST + page.number * timedelta(minutes=7)
        paragraphs = [
            " ".join(self._sentence(8, 18) for _ in range(source.randint(1, 3)))
            for _ in range(source.randint(20, 42))
        ]
        summary, author = self._sentence(20, 28), self._words.draw(source, 2).title()
        # Nobody links to what is not published yet.
        pool = self._articles[: max(page.number, _LINKED)]
        blocks = [{"id": n, "type": "text", "hash": f"{source.getrandbits(128):x}"} for n in range(300)]
        return {
            "language": self._words.language,
            "outlet": self._name,
            "address": self._address,
            "page": page,
            "summary": summary,
            "author": author,
            "caption": self._sentence(7, 12),
            "published": published.isoformat(),
            "paragraphs": paragraphs,
            "properties": [f"{source.getrandbits(64):x}" for _ in range(20)],
            "related": source.sample(pool, min(6, len(pool))),
            "popular": source.sample(pool, min(8, len(pool))),
            "further": source.sample(pool, min(20, len(pool))),
            "data": json.dumps(self._data(page, published, summary, author, paragraphs)),
            "state": json.dumps({"page": page.number, "blocks": blocks}),
        }

    def _data(
        self, page: _Article, published: datetime, summary: str, author: str, paragraphs: Sequence[str]
    ) -> dict[str, object]:
        """The page's JSON-LD."""
        address = self._address
        publisher = {
            "@type": "NewsMediaOrganization",
            "@id": f"{address}/#publisher",
            "name": self._name,
            "logo": {"@type": "ImageObject", "url": f"{address}/logo.png", "width": 600, "height": 60},
            "sameAs": [f"https://social.invalid/{n}" for n in range(6)],
        }
        images = [
            {"@type": "ImageObject", "url": f"{address}/media/{page.number}-{width}.jpg", "width": width}
            for width in (640, 1200, 1920)
        ]
        article = {
            "@type": "NewsArticle",
            "headline": page.title,
            "description": summary,
            "articleBody": "\n\n".join(paragraphs),
            "datePublished": published.isoformat(),
            "dateModified": (published + timedelta(minutes=5)).isoformat(),
            "author": [{"@type": "Person", "name": author, "url": f"{address}/by/{page.number}"}],
            "publisher": {"@id": f"{address}/#publisher"},
            "mainEntityOfPage": {"@type": "WebPage", "@id": f"{address}{page.path}"},
            "image": images,
            "keywords": [self._words.draw(self._random, 1) for _ in range(6)],
            "isAccessibleForFree": True,
        }
        crumbs = [
            {"@type": "ListItem", "position": n, "name": f"Section {n}", "item": f"{address}/section-{n}/"}
            for n in range(1, 4)
        ]
        trail = {"@type": "BreadcrumbList", "itemListElement": crumbs}
        return {"@context": "https://schema.org", "@graph": [article, publisher, trail]}

    def _make_frame(self) -> dict[str, str]:
        """What all pages of the host share: scripts and styles, navigation, buttons, footer."""
        source = self._random
        given = {
            "outlet": self._name,
            "colors": [f"{source.getrandbits(24):06x}" for _ in range(420)],
            "ids": [f"{source.getrandbits(96):x}" for _ in range(33)],
            "menus": [[self._words.draw(source, 2) for _ in range(9)] for _ in range(9)],
            "shares": [self._words.draw(source, 1) for _ in range(5)],
            "columns": [[self._words.draw(source, 2) for _ in range(8)] for _ in range(5)],
        }
        module = _TEMPLATES.get_template("frame.html").make_module(given)
        return {name: str(getattr(module, name)()) for name in ("head", "top", "share", "bottom")}

    def _sentence(self, fewest: int, most: int) -> str:
        return self._words.sentence(self._random, self._random.randint(fewest, most))
