"""A page as somebody looks at it who does not know its site: what it lists, offers and calls itself."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import structlog
from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.fields.languages import declared
from crawler.extract.page.links import absolute, may_be_article
from crawler.extract.page.markup import Markup, gather, strings, types
from crawler.extract.page.text import content
from crawler.extract.page.tree import parse
from crawler.extract.start import feed_links
from crawler.extract.start.engine_feeds import engine_feeds
from crawler.extract.start.feeds import purpose
from crawler.extract.start.start_page import decoded, read_start_page
from presswatch.model import Hints, LinkKind, Listing, Page, Unreadable
from presswatch.urls import is_home, same_site

_log = structlog.get_logger()
# Links, and characters of text, of a page of which scripts make the rest.
_FEW_LINKS, _LITTLE_TEXT = 5, 200
_NAVIGATION = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|navigation|menu|header|masthead|rubriken|sections)(?=$|[\s_-])"
)
_NO_SECTION = re.compile(
    words.in_path(
        words.TAG_PATHS,
        words.PEOPLE_PATHS,
        words.USER_PATHS,
        words.SEARCH_PATHS,
        words.ACCOUNT_PATHS,
        words.SUBSCRIPTION_PATHS,
        words.PODCAST_PATHS,
        words.AUDIO_PATHS,
        words.VIDEO_PATHS,
        words.IMAGE_PATHS,
        words.SHOP_PATHS,
        words.GOODS_PATHS,
        words.HOUSE_PATHS,
        words.SERVICE_PATHS,
        words.LEGAL_PATHS,
        words.PLAY_PATHS,
        words.WEATHER_PATHS,
        words.ADVERTISING_PATHS,
        words.ARCHIVE_PATHS,
        words.MACHINE_PATHS,
        words.EVENT_PATHS,
        r"live|anzeigen?|verlag|intern|donat\w+|spenden|amp|join|wp-\w+",
    )
    + r"|/(?:page|seite|p)?[/-]?\d+/?$",
    re.I,
)
_PUBLISHERS = ("WebSite", "NewsMediaOrganization", "Organization")
_MOST_OFFERS, _LONGEST_NAME, _HIGHEST, _DEEPEST = 40, 60, 8, 3


@dataclass(frozen=True, slots=True)
class LinkCandidate:
    """A link that a page offers as a feed or as a section. `title` is what it is called there."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class SiteMetadata:
    """What an HTML page tells of its site, the most telling first.

    `names` are what it calls the site, `languages` are BCP 47 tags, `declared` are the feeds of its head and
    its Link header, `linked` those of its text, `sections` the pages of its navigation. `editions` are its
    counterparts in other languages, called by their tags; `translated` the feeds that it declares of those,
    `sitemaps` what it declares with `rel="sitemap"`; `engine_feeds` are relative to the site's home page.
    """

    title: str = ""
    names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    declared: tuple[LinkCandidate, ...] = ()
    linked: tuple[LinkCandidate, ...] = ()
    sections: tuple[LinkCandidate, ...] = ()
    editions: tuple[LinkCandidate, ...] = ()
    translated: tuple[LinkCandidate, ...] = ()
    sitemaps: tuple[LinkCandidate, ...] = ()
    engine_feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteProbe:
    """`seen` is the page as a start page, `home` what it tells of its site, if it is HTML.

    `purpose` says of a feed what it holds instead of articles: `comments` or `podcast`; else empty.
    `is_scripted`: what its readers see is made by scripts; `has_scripts`: some of it may be.
    """

    seen: Listing | Unreadable
    home: SiteMetadata = SiteMetadata()
    purpose: str = ""
    is_scripted: bool = False
    has_scripts: bool = False


def probe_site(page: Page, hints: Hints) -> SiteProbe:
    """A page seen for the first time. Never raises for any bytes."""
    seen = read_start_page(page, hints)
    if isinstance(seen, Listing) and seen.kind is not LinkKind.LISTING:
        return SiteProbe(seen, purpose=purpose(decoded(page)) if seen.kind is LinkKind.FEED else "")
    try:
        tree = parse(page)
        if tree is None:
            return SiteProbe(seen)
        # Before anything is taken out of the tree.
        has_scripts = _has_scripts(tree.root)
        is_scripted = has_scripts and _is_bare(tree.root)
        home = metadata_of(tree.root, page)
        return SiteProbe(seen, home, is_scripted=is_scripted, has_scripts=has_scripts)
    except Exception:  # one strange page must not end the look around
        _log.exception("page could not be surveyed", url=page.final_url)
        return SiteProbe(seen)


def _has_scripts(root: HtmlElement) -> bool:
    return any("json" not in (script.get("type") or "") for script in root.iter("script"))


def _is_bare(root: HtmlElement) -> bool:
    """Whether a page holds next to no text and links of its own."""
    if sum(1 for _ in islice(root.iter("a"), _FEW_LINKS + 1)) > _FEW_LINKS:
        return False
    body = root.find("body")
    text = "".join(_shown(root if body is None else body))
    return len(" ".join(text.split())) < _LITTLE_TEXT


def _shown(root: HtmlElement) -> Iterator[str]:
    """What is read without scripts, but for what is said to those who have none."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "noscript", "template"):
            yield element.text or ""
        yield element.tail or ""


def metadata_of(root: HtmlElement, page: Page) -> SiteMetadata:
    """What a page that was parsed already tells of its site."""
    url = page.final_url
    markup = gather(root, url)
    own = absolute(url, url) or url
    languages = declared(markup)
    editions = _offers(_editions(root, markup.base, page.links, own))
    feeds = [
        (url, title, _is_another(tag, languages))
        for url, title, tag in feed_links.declared(root, markup.base, page.links)
    ]
    foreign = {edition.url for edition in editions}
    named = [name for node in markup.nodes if set(types(node)) & set(_PUBLISHERS) for name in strings(node)]
    published = [name for node in markup.articles[:1] for name in strings(node.get("publisher"))]
    told = [
        *markup.metas.get("og:site_name", ()),
        *published,
        *named,
        *markup.metas.get("application-name", ()),
    ]
    return SiteMetadata(
        title=markup.title,
        names=tuple(dict.fromkeys(name for name in told if "://" not in name)),
        languages=tuple(languages),
        declared=_offers((url, title) for url, title, other in feeds if not other),
        linked=_offers(feed_links.linked(root, markup.base, own)),
        sections=_offers(
            offer
            for offer in _sections(root, markup, own)
            if same_site(offer[0], own) and offer[0] not in foreign
        ),
        editions=editions,
        translated=_offers((url, title) for url, title, other in feeds if other),
        sitemaps=_offers((absolute(markup.base, href), "") for href in markup.links.get("sitemap", ())),
        engine_feeds=engine_feeds(root, markup, own),
    )


def _editions(root: HtmlElement, base: str, header: str, own: str) -> Iterator[tuple[str, str]]:
    """The page in other languages: by `hreflang`, of links in its head, its headers and its text."""
    here = urlsplit(own)
    for link in (*root.iter("link", "a"), *feed_links.headed(header)):
        tag = (link.get("hreflang") or "").strip()
        if not tag or tag.lower() == "x-default" or link.get("type") not in (None, "", "text/html"):
            continue
        url = absolute(base, link.get("href") or "")
        there = urlsplit(url)
        if url and (there.netloc, there.path.rstrip("/")) != (here.netloc, here.path.rstrip("/")):
            # What is for another country is often the same articles; which, a person must know.
            yield url, tag


def _is_another(tag: str, languages: Sequence[str]) -> bool:
    """Whether a language tag names another language than the page's."""
    own = {language.split("-")[0] for language in languages}
    return bool(tag and own) and re.split(r"[-_]", tag.lower())[0] not in own | {"x"}


def _offers(found: Iterable[tuple[str, str]]) -> tuple[LinkCandidate, ...]:
    """Each address once, with its first name."""
    offers: dict[str, LinkCandidate] = {}
    for url, title in found:
        if url:
            offers.setdefault(url.rstrip("/"), LinkCandidate(url, title))
    return tuple(offers.values())[:_MOST_OFFERS]


def _sections(root: HtmlElement, markup: Markup, own: str) -> list[tuple[str, str]]:
    """The navigation's pages; on a page without one, what is linked by a short name."""
    short = [
        (anchor, url, name)
        for anchor in root.iter("a")
        if (url := absolute(markup.base, anchor.get("href") or ""))
        and 1 < len(name := content(anchor)) <= _LONGEST_NAME // 2
        and _may_be_section(url, own, name)
    ]
    navigated = [(url, name) for anchor, url, name in short if _in_navigation(anchor)]
    return navigated or [(url, name) for _, url, name in short]


def _may_be_section(url: str, own: str, name: str) -> bool:
    parts = urlsplit(url)
    return (
        url != own
        and not is_home(url)
        and not parts.query
        and len([part for part in parts.path.split("/") if part]) <= _DEEPEST
        and not _NO_SECTION.search(parts.path)
        and not may_be_article(url, own, name)
    )


def _in_navigation(anchor: HtmlElement) -> bool:
    for height, box in enumerate(anchor.iterancestors()):
        if height == _HIGHEST or box.tag in ("main", "article", "footer", "body"):
            return False
        words = f"{box.get('class') or ''} {box.get('id') or ''} {box.get('role') or ''}".lower()
        if box.tag in ("nav", "header") or _NAVIGATION.search(words):
            return True
    return False
