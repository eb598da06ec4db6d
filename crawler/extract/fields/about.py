"""What a page says of its article besides title, people and time: section, origin, tags, image."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extract import vocabulary as words
from crawler.extract.fields.byline import Byline
from crawler.extract.page.links import absolute
from crawler.extract.page.markup import Markup, first, strings, types
from crawler.extract.page.outline import Anchor, Outline
from crawler.extract.page.text import content, key, squeeze
from crawler.extract.page.trace import trace_field
from presswatch.model import Entry, Image, LinkKind

_AGENCIES = (
    *(
        "dpa",
        "Reuters",
        "AFP",
        "AP",
        "Associated Press",
        "Agence France-Presse",
        "Deutsche Presse-Agentur",
        "EFE",
        "ANSA",
    ),
    *(
        "TASS",
        "ТАСС",
        "Интерфакс",
        "РИА Новости",
        "Xinhua",
        "新华社",
        "新华网",
        "中新社",
        "Kyodo",
        "共同",
        "時事",
        "Yonhap",
        "PTI",
        "ANI",
    ),
    *(
        "UPI",
        "APA",
        "Anadolu Ajansı",
        "Anadolu Agency",
        "AA",
        "DHA",
        "İHA",
        "Lusa",
        "PAP",
        "NTB",
        "TT",
        "Ritzau",
        "STT",
        "SID",
    ),
    *(
        "Bloomberg",
        "epd",
        "KNA",
        "ATS",
        "Keystone-SDA",
        "SDA",
        "ANP",
        "Belga",
        "Europa Press",
        "WAM",
        "SPA",
        "Bernama",
        "Antara",
    ),
)
_AGENCY = {key(name): name for name in _AGENCIES}
_DATELINE = re.compile(
    r"^.{0,60}?\(([\w /.-]{2,40})\)\s*[-–—:.]|^[\w\s,.]{2,40}\s[-–—]\s|"
    r"^.{0,20}?([\u4e00-\u9fff]{2,4}[社网])\S{0,8}\d"
)
_CLOSING = re.compile(
    r"(?:^|[(\[©/]|\bmit\s|\bwith\s|quelle:?\s|source:?\s|fuente:?\s)\s*([\w .-]{2,30}?)(?:[)\]]|$)", re.I
)
# What engines call the trail to a page: SPIP `arbo`, TYPO3 `rootline`, Joomla `pathway`.
_CRUMBS = re.compile(
    rf"bread-?crumb|(?:^|[\s_-])(?:{words.SECTION_LABELS}|arbo|ariane|rootline|pathway)(?=$|[\s_-])"
)
_NO_SECTION = re.compile(
    r"(?:home|start(?:seite)?|accueil|inicio|首页|トップ|главная|anasayfa|hjem|hem|etusivu|tags?|news_news|"
    r"uncategorized|正文|本文|详情)$|"
    r"https?:|www\.|skip to|zum inhalt|.*[\d:：_@]",
    re.I,
)
_SECTION_LINK = re.compile(rf"/(?:{words.SECTION_PATHS})/[^/]")
_TAG_LINK = re.compile(rf"/(?:{words.TAG_PATHS})/[^/]")
# Lines above the headline and below the text in which links to section and tags stand.
_BEFORE_TITLE, _AFTER_TEXT = 12, 8
_TAG_CLASS = re.compile(r"(?:\w+-)?tag")
_LONGEST = 60
_NO_TAG = re.compile(r"_|[0-9a-f]{8}-[0-9a-f]{4}-|https?:", re.I)
_MOST_TAGS = 30


@dataclass(frozen=True, slots=True)
class Labels:
    """What may name section and tags besides what is declared.

    `sections` and `tags` are what the links beside the article are called, the nearest to the headline first;
    `title_at` is where that stands. `entries` are the article's in feeds and sitemaps, `names` the keys of
    what is neither section nor tag: site and headline.
    """

    outline: Outline
    title_at: int
    sections: Sequence[str]
    tags: Sequence[str]
    entries: Sequence[Entry]
    names: Collection[str]


def find_labels(outline: Outline, byline: Byline, entries: Sequence[Entry], names: Collection[str]) -> Labels:
    """What the links near headline and text may name."""
    beside = range(max(byline.title - _BEFORE_TITLE, 0), byline.text_end + _AFTER_TEXT)
    anchors = [one for one in outline.anchors if one.at in beside and 1 < len(one.text) <= _LONGEST]
    anchors.sort(key=lambda one: abs(one.at - byline.title))
    sections = _linked(anchors, "category", _SECTION_LINK, _TAG_LINK)
    tags = _linked(anchors, "tag", _TAG_LINK, _SECTION_LINK)
    return Labels(outline, byline.title, sections, tags, entries, names)


def find_section(markup: Markup, labels: Labels) -> str:
    """The section by its declared name, else the last of the breadcrumbs, a link to it beside the article, a
    short line above the headline, or the first category in its feed.
    """
    above = _above(labels.outline, labels.title_at, bare=not (markup.articles or markup.meta("og:title")))
    told = [
        ("meta", markup.meta("article:section", "og:article:section", "section", "parsely-section")),
        ("json-ld articleSection", first(markup.articles, "articleSection")),
        ("json-ld breadcrumbs", _crumb(markup)),
        *(("link", text) for text in labels.sections),
        *(("above the headline", text) for text in above),
        *(("feed", entry.categories[0]) for entry in labels.entries if _has_section(entry)),
    ]
    tags = {key(text) for text in (*markup.metas.get("article:tag", ()), *labels.tags)}
    told = [(origin, text) for origin, text in told if origin != "feed" or key(text) not in tags]
    chosen = ""
    for origin, text in told:
        name = _section_in(text, labels.names)
        believed = bool(name) and not chosen
        verdict = "another is believed before it" if name else "it names no section"
        trace_field(
            "section", origin, text, "the first that names one" if believed else verdict, believed=believed
        )
        chosen = chosen or name
    return chosen


def _has_section(entry: Entry) -> bool:
    """Whether the first category may be a section: the keywords of sitemaps are tags."""
    return entry.kind is LinkKind.FEED and bool(entry.categories)


def _linked(
    anchors: Sequence[Anchor], rel: str, address: re.Pattern[str], other: re.Pattern[str]
) -> list[str]:
    """What the links are called that say what they are by their `rel`, else by their address.

    `other` are addresses of the other kind: of both some systems say `rel="tag"`.
    """
    paths = [(anchor, urlsplit(anchor.href).path) for anchor in anchors]
    # WordPress says "category tag" of a category.
    said = [
        anchor.text
        for anchor, path in paths
        if rel in anchor.rel.lower().split()[:1] and not other.search(path)
    ]
    return said or [anchor.text for anchor, path in paths if address.search(path)]


def _section_in(text: str, names: Collection[str]) -> str:
    """The innermost section of a trail; "" for what is none."""
    for part in reversed(re.split(r"\s[>›»/|](?:\s|$)|[,;]", text)):
        name = part.strip()
        if 1 < len(name) <= 60 and key(name) not in names and not _NO_SECTION.match(name):
            return name
    return ""


def _above(outline: Outline, title_at: int, bare: bool) -> list[str]:
    """What may be a section among the lines above a headline; on a page with bare markup, the line itself."""
    found: list[str] = []
    headline = outline.pieces[title_at].text if 0 <= title_at < len(outline.pieces) else ""
    for n in range(title_at - 1, max(title_at - 8, -1), -1):
        piece = outline.pieces[n]
        # A trail may end with the headline.
        text = piece.text.removesuffix(headline)
        parent = piece.box.parent
        around = (piece.box, parent, parent.parent if parent else None)
        if 0 < len(text) <= 60 and any(box is not None and _CRUMBS.search(box.words) for box in around):
            found.append(text)
    if bare and 0 < title_at < 60 and len(alone := outline.pieces[title_at - 1].text) <= 25:
        found.append(alone)
    return found


def _crumb(markup: Markup) -> str:
    for node in markup.nodes:
        if "BreadcrumbList" in types(node) and isinstance(items := node.get("itemListElement"), list):
            names = [
                name
                for item in items
                if isinstance(item, dict)
                for name in strings(item.get("name") or item.get("item"))[:1]
            ]
            inner = [name for name in names[1:] if key(name) != key(markup.title) and len(name) <= 40]
            if len(names) > 2 and inner:
                return inner[-1] if key(names[-1]) != key(inner[-1]) else inner[max(len(inner) - 2, 0)]
            return inner[0] if inner else ""
    return ""


def find_origin(markup: Markup, labelled: str, authors: Sequence[str], opening: str, closing: str) -> str:
    """Where the text comes from: labelled, in a dateline, at the end, or an agency named as author."""
    if labelled:
        return labelled
    told = first(markup.articles, "sourceOrganization")
    if told and not told.startswith("http"):
        return told
    if found := _DATELINE.match(opening[:120]):
        for part in re.split(r"[/,]", found[1] or found[2] or ""):
            if agency := _AGENCY.get(key(part)):
                return agency
    if len(closing) < 60 and (ended := _CLOSING.search(closing)) and (agency := _AGENCY.get(key(ended[1]))):
        return agency
    return next((agency for author in authors if (agency := _AGENCY.get(key(author)))), "")


def find_tags(markup: Markup, labels: Labels, section: str) -> tuple[str, ...]:
    """What the article is about: declared, else linked beside it, else in the page's keywords or its feed."""
    declared = [*markup.metas.get("article:tag", ())]
    declared += [text for node in markup.articles for text in strings(node.get("keywords"))]
    categories = [text for entry in labels.entries for text in entry.categories if key(text) != key(section)]
    is_told = any(_tags_in(texts, labels.names) for texts in (declared, labels.tags))
    told = [
        ("declared", declared),
        ("link", labels.tags),
        # Asked only where it may tell more, as it looks at every element of the page.
        ("marked", [] if is_told else _marked(markup)),
        ("meta news_keywords", list(markup.metas.get("news_keywords", ()))),
        ("feed", categories),
        ("meta keywords", list(markup.metas.get("keywords", ())[:1])),
    ]
    chosen: tuple[str, ...] = ()
    for origin, texts in told:
        tags = _tags_in(texts, labels.names)
        believed = bool(tags) and not chosen
        verdict = "the first that names some" if believed else "another is believed before it"
        trace_field("tags", origin, ", ".join(tags), verdict, believed=believed)
        chosen = chosen or tags
    return chosen


def _marked(markup: Markup) -> list[str]:
    """What stands side by side in elements that are called tags, if it stands in one place."""
    marked = [
        element
        for element in markup.root.iter("a", "li", "span")
        if any(_TAG_CLASS.fullmatch(name) for name in (element.get("class") or "").lower().split())
    ]
    return [content(one) for one in marked] if len({one.getparent() for one in marked}) == 1 else []


def _tags_in(texts: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    found = {
        key(tag): tag
        for text in texts
        for part in re.split(r"[,;，、|]", text)
        if (tag := squeeze(part).lstrip("#")) and len(tag) <= _LONGEST
    }
    kept = [tag for name, tag in found.items() if name and name not in names and not _NO_TAG.match(tag)]
    return tuple(kept[:_MOST_TAGS])


def find_image(markup: Markup, captions: Sequence[str]) -> Image | None:
    """The lead image, with the first caption on the page."""
    told = [*markup.metas.get("og:image", ()), *markup.metas.get("twitter:image", ())]
    for node in markup.articles:
        value = node.get("image")
        for image in value if isinstance(value, list) else [value]:
            url = image.get("url") or image.get("contentUrl") if isinstance(image, dict) else image
            told += [url] if isinstance(url, str) else []
    url = next((url for text in told if (url := absolute(markup.base, text))), "")
    return Image(url, captions[0] if captions else "") if url else None
