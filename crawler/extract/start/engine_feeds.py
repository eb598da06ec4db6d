"""Where the engine that made a page has its feed, also where the page does not declare it.

An engine is known by what it calls itself (`<meta name="generator">`), by its host, or by addresses on the
page that no other engine makes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.page.markup import Markup

# Elements and addresses of a page that are looked at.
_MOST_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class _Engine:
    """`feeds` are addresses relative to the site's home; one that begins with `?` is any page's own."""

    generator: str
    feeds: tuple[str, ...]
    addresses: str = ""
    host: str = ""


_ENGINES = (
    _Engine(r"WordPress", ("feed/", "?feed=rss2"), r"/wp-(?:content|includes)/"),
    _Engine(
        r"SPIP",
        ("spip.php?page=backend",),
        r"\bspip\.php\?(?:article|rubrique|page=)|(?:^|/)local/cache-(?:css|js)/",
    ),
    _Engine(r"Drupal", ("rss.xml",), r"/sites/(?:default|all)/(?:files|themes|modules)/|/core/misc/drupal"),
    _Engine(r"Plone", ("RSS", "news/RSS"), r"\+\+(?:plone|theme|resource)\+\+"),
    _Engine(r"TYPO3", ("?type=9818", "?type=100"), r"/typo3(?:temp|conf)/"),
    _Engine(
        r"Joomla",
        ("?format=feed&type=rss",),
        r"/media/(?:jui|vendor/joomla-custom-elements)/|option=com_content",
    ),
    _Engine(r"Ghost", ("rss/",), r"/ghost/api/|/public/ghost[.-]"),
    _Engine(r"Hexo", ("atom.xml", "rss2.xml")),
    _Engine(r"Blogger", ("feeds/posts/default",), host=r"\.blogspot\."),
    _Engine(r"Movable Type|Melody", ("atom.xml", "index.xml")),
    _Engine(r"Dotclear", ("feed/rss2", "feed/atom")),
    _Engine(r"Serendipity", ("index.php?/feeds/index.rss2", "feeds/index.rss2")),
    _Engine(r"Textpattern", ("rss/", "?rss=1")),
    _Engine(r"Discourse", ("latest.rss",)),
    _Engine(r"DokuWiki", ("feed.php",), r"/lib/exe/css\.php"),
    _Engine(r"Tumblr", ("rss",), host=r"\.tumblr\.com$"),
    _Engine(r"Medium", ("feed",), r"//(?:cdn-client|miro)\.medium\.com/", r"\.medium\.com$"),
    _Engine(r"Substack", ("feed",), r"//substackcdn\.com/", r"\.substack\.com$"),
    _Engine(
        r"Squarespace", ("?format=rss", "blog?format=rss", "news?format=rss"), r"//static1\.squarespace\.com/"
    ),
    _Engine(r"Wix\.com", ("blog-feed.xml",), r"//static\.(?:wixstatic|parastorage)\.com/"),
    _Engine(r"Weebly", ("1/feed",), r"//cdn\d?\.editmysite\.com/"),
    _Engine(r"Jimdo", ("rss/blog",), r"//assets\.jimstatic\.com/"),
    _Engine(r"Webflow", ("blog/rss.xml",), r"//(?:uploads-ssl|assets)\.(?:website-files|webflow)\.com/"),
)


def engine_feeds(root: HtmlElement, markup: Markup, url: str) -> tuple[str, ...]:
    """Where the engine that made this page has its feeds, relative to the site's home page.

    Empty where the page tells no engine that has one at a usual place.
    """
    generators = " ".join(markup.metas.get("generator", ()))
    host = urlsplit(url).hostname or ""
    # A person's own pages at Medium stand below the service's one host.
    if host == "medium.com" and (own := urlsplit(url).path.strip("/")):
        return (f"/feed/{own.partition('/')[0]}",)
    named = next((one for one in _ENGINES if re.search(rf"\b(?:{one.generator})", generators, re.I)), None)
    if named is not None:
        return named.feeds
    for one in _ENGINES:
        if one.host and re.search(one.host, host):
            return one.feeds
    shown = "\n".join(_addresses(root, host))
    return next(
        (one.feeds for one in _ENGINES if one.addresses and re.search(one.addresses, shown, re.M)), ()
    )


def _addresses(root: HtmlElement, host: str) -> Iterator[str]:
    """What the page is made with, and where its links to its own host lead."""
    for tag, attribute in (("link", "href"), ("script", "src"), ("img", "src"), ("a", "href")):
        for element in islice(root.iter(tag), _MOST_LOOKED_AT):
            href = (element.get(attribute) or "").strip()
            if tag != "a" or "//" not in href or f"//{host}/" in href:
                yield href
