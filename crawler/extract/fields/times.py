"""Which of a page's times is its publication, and which its last change.

A time in the markup is believed before one in the text; one of finer precision or with an offset replaces
another of
the same day without. What cannot be (the future, the time before there was a web) is not believed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lxml.html import HtmlElement

from crawler.extract.fields.byline import Byline
from crawler.extract.fields.clocks import find_clock
from crawler.extract.fields.dates import at_clock, read_time, zone_of
from crawler.extract.page.markup import Markup, strings, types
from crawler.extract.page.outline import HEADINGS, Outline, boxes_around
from crawler.extract.page.text import squeeze
from crawler.extract.page.trace import trace_field
from presswatch.model import DateOrder, Entry, Moment, Precision
from presswatch.publication import is_possible

_PUBLISHED = (
    *(
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "publishdate",
        "publish-date",
        "pubdate",
    ),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "og:published_time",
        "published_time",
    ),
    *(
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date.created",
        "dc.date",
        "dcterms.date",
        "date",
    ),
    *("published", "article.published", "publication_date", "article:published", "weibo: article:create_at"),
)
_MODIFIED = (
    *(
        "article:modified_time",
        "og:updated_time",
        "og:article:modified_time",
        "datemodified",
        "dcterms.modified",
    ),
    *(
        "dc.date.modified",
        "lastmod",
        "last-modified",
        "article:modified",
        "updated_time",
        "weibo: article:update_at",
    ),
)
_CHANGED = re.compile(
    r"updat|modif|aktualis|geändert|stand:|mis(?:e)? à jour|actualiz|aggiornat|atualiz|güncelle|oppdater|"
    r"uppdater|opdater|"
    r"bijgewerkt|aktualizac|обновл|изменен|更新|最終|修改|修正|تحديث|cập nhật|last edited",
    re.I,
)
_RELATIVE = re.compile(
    r"\d+\s*\S{1,12}\s*(?:ago|назад|önce|siden|sedan|geleden|fa|前|전)(?!\w)|"
    r"(?:vor|il y a|hace|há)\s+\d+\s*\S{1,12}|"
    r"منذ\s*\d*\s*\S+",
    re.I,
)
_DAY_NAMED = re.compile(
    r"(?<!\w)(?:(?P<today>today|heute|aujourd['’]hui|hoy|oggi|hoje|vandaag|i ?dag|tänään|dziś|dzisiaj|dnes|"
    r"сегодня|сьогодні|bugün|今日|今天|오늘|اليوم|σήμερα|astăzi|ma)|(?P<yesterday>yesterday|gestern|hier|ayer|ieri|ontem|"
    r"gisteren|i ?går|igår|eilen|wczoraj|včera|вчера|вчора|dün|昨日|昨天|어제|أمس|χθες|tegnap))(?![^\W\d_])",
    re.I,
)
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|\D|$)")
# How agencies and press offices begin: "LONDON, Jan. 5, 2026 (Agency) --", "Ulm, (5.1.2026).", "北京1月5日电"
_DATELINE = re.compile(
    r"\W{0,3}[^\W\d_]{2}[^,(（]{0,40}[,(（]([^–—:]{0,60}?\d[^–—:]{0,40}?)(?:[)）]|\s?[–—]|\s-{1,2}\s|:\s|\.-|\.?\s/)|"
    r"\W{0,3}[^\W\d_]{0,12}(\d{1,2}月\d{1,2}日)(?:电|電|讯|訊)"
)
_PROPERTIES = ("dc:date", "dcterms:created")
# How far above a line a card's box may be, and how many lines a card holds.
_HIGHEST, _FEW = 4, 6
_MONTH_FIRST_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "US/")


@dataclass(frozen=True, slots=True)
class Clock:
    """Against what times are read: when the page was fetched, the source's zone and habit, the language."""

    now: datetime
    zone: str
    language: str
    order: DateOrder = DateOrder.UNKNOWN

    def read(self, raw: str, origin: str) -> Moment | None:
        """The believable time that a text says."""
        moment = read_time(raw, origin, self.zone, self._is_month_first(), self.language, self.now)
        if moment is None and len(raw) < 80:
            if said := _RELATIVE.search(raw):
                moment = _relative(said[0], origin, self)
            elif said := _DAY_NAMED.search(raw):
                moment = self._on_day(raw, origin, before=said.lastgroup == "yesterday")
        return moment if moment and is_possible(moment.instant, self.now) else None

    def _on_day(self, raw: str, origin: str, *, before: bool) -> Moment | None:
        """The time of day of today, or of the day before, where the source is; without a clock nothing."""
        day = self.now.astimezone(zone_of(self.zone)).date() - timedelta(days=int(before))
        clock = find_clock(raw, self.language, self.zone)
        return None if clock is None else at_clock(day, clock, raw, origin, self.zone)

    def _is_month_first(self) -> bool:
        if self.order is DateOrder.UNKNOWN:
            return self.language.lower() == "en-us" or self.zone.startswith(_MONTH_FIRST_ZONES)
        return self.order is DateOrder.MONTH_FIRST


def find_published(
    markup: Markup,
    outline: Outline,
    byline: Byline,
    clock: Clock,
    opening: str = "",
    modified: Moment | None = None,
    entries: Sequence[Entry] = (),
) -> Moment | None:
    """The publication. `opening` is the text's first block, which may begin with place and day.

    What feeds and sitemaps say makes the page's own time more exact, or stands where it says none.
    Where nothing else is told, the last change stands for it, and its origin says so.
    """
    told = _Told("published", clock)
    for name in ("datePublished", "dateCreated", "uploadDate"):
        told.add([text for node in markup.articles for text in strings(node.get(name))], f"json-ld {name}")
    for name in _PUBLISHED:
        told.add(markup.metas.get(name, ()), f"meta {name}")
    told.add(_marked(markup), "microdata datePublished")
    told.add(_of_the_page(markup), "json-ld WebPage")
    told.add(_stamps(outline, byline.pieces, lambda words: not _CHANGED.search(words)), "time element")
    if not told.exact:
        own = [n for n in byline.pieces if n < byline.text_end or not _is_another_s(outline, n)]
        told.add((_CHANGED.split(outline.pieces[n].text)[0] for n in own), "byline")
    if not told.moments and (found := _IN_URL.search(markup.url)):
        told.add(["-".join(found.groups())], "address")
    if told.moments and not told.exact:
        told.add(_only_stamp(markup, told.moments[0]), "time element beside")
    for entry in entries:
        if entry.published != entry.modified:
            told.hear(entry.published)
    if not told.moments and (found := _DATELINE.match(opening)):
        told.add([found[1] or found[2]], "dateline")
    if not told.moments and modified is not None:
        told.moments.append(replace(modified, origin=f"last change: {modified.origin}"))
    return told.best()


def _marked(markup: Markup) -> list[str]:
    """The times of elements that say so by microdata or RDFa, `<meta>` and `<time>` aside."""
    return [
        text
        for element in markup.marked
        if element.tag != "time" and _says_published(element)
        for text in (element.get("content"), element.get("datetime"), squeeze(element.text_content())[:80])
        if text
    ]


def _says_published(element: HtmlElement) -> bool:
    said = element.get("property") or ""
    return "datePublished" in f"{element.get('itemprop')} {said}" or said in _PROPERTIES


def _of_the_page(markup: Markup) -> list[str]:
    """What SEO plugins say of the page where they describe no article."""
    return [
        text
        for node in markup.nodes
        if any(kind.endswith("WebPage") for kind in types(node))
        for text in strings(node.get("datePublished"))
    ]


def _is_another_s(outline: Outline, n: int) -> bool:
    """Whether a line is part of a card of another article: a heading, or beside one in a box with a link."""
    below_title = HEADINGS - {"h1"}
    for box in boxes_around(outline.pieces[n].box, _FEW, _HIGHEST):
        has_heading = any(piece.box.tag in below_title for piece in outline.pieces[box.start : box.end])
        if box.tag in below_title or (has_heading and box.end_anchor > box.first_anchor):
            return True
    return False


def find_modified(
    markup: Markup, outline: Outline, near: Sequence[int], clock: Clock, entries: Sequence[Entry] = ()
) -> Moment | None:
    """The last change that the page tells of, else its entries in feeds and sitemaps."""
    told = _Told("modified", clock)
    told.add(
        [text for node in markup.articles for text in strings(node.get("dateModified"))],
        "json-ld dateModified",
    )
    for name in _MODIFIED:
        told.add(markup.metas.get(name, ()), f"meta {name}")
    if not told.moments:
        told.add(_stamps(outline, near, lambda words: bool(_CHANGED.search(words))), "time element")
        texts = (_CHANGED.split(outline.pieces[n].text, maxsplit=1) for n in near)
        told.add((parts[1] for parts in texts if len(parts) > 1), "byline")
    if not told.moments:
        for entry in entries:
            told.hear(entry.modified)
    return told.best()


class _Told:
    """The believable times found so far, the best witness first."""

    def __init__(self, field: str, clock: Clock) -> None:
        self.field = field
        self.clock = clock
        self.moments: list[Moment] = []

    @property
    def exact(self) -> bool:
        return any(
            moment.precision is not Precision.DAY and not moment.assumed_zone for moment in self.moments
        )

    def add(self, texts: Iterable[str], origin: str) -> None:
        for text in texts:
            if text and (moment := self.clock.read(text, origin)):
                self.moments.append(moment)
                return
            trace_field(self.field, origin, text, "no time that is understood and can be")

    def hear(self, moment: Moment | None) -> None:
        """Take a time that was read elsewhere for what it is."""
        if moment is not None and is_possible(moment.instant, self.clock.now):
            self.moments.append(moment)

    def best(self) -> Moment | None:
        if not self.moments:
            return None
        best, reason = self.moments[0], "the first of those that are there"
        for other in self.moments[1:]:
            if _refines(other, best):
                best, reason = other, f"it says the same as {best.origin}, and more exactly"
        for moment in self.moments:
            verdict = reason if moment is best else _less(moment, best)
            trace_field(self.field, moment.origin, moment.raw, verdict, believed=moment is best)
        return best


def _refines(other: Moment, moment: Moment) -> bool:
    """Whether the other time says the same as this one, and more exactly."""
    if other.precision is Precision.DAY:
        return False
    if moment.precision is Precision.DAY:
        return _local_day(other) == _local_day(moment)
    if moment.assumed_zone and not other.assumed_zone:
        return abs(_wall(other) - _wall(moment)) < timedelta(minutes=2) or abs(
            other.instant - moment.instant
        ) < timedelta(minutes=2)
    return False


def _less(moment: Moment, best: Moment) -> str:
    if moment.instant == best.instant:
        return "it says the same"
    if _local_day(moment) == _local_day(best):
        return "the same day, another time or a less exact one"
    return f"another day than {best.origin}, which is believed before it"


def _wall(moment: Moment) -> datetime:
    return moment.instant + timedelta(minutes=moment.offset or 0)


def _local_day(moment: Moment) -> str:
    return _wall(moment).date().isoformat()


def _stamps(outline: Outline, near: Sequence[int], wanted: Callable[[str], bool]) -> Iterator[str]:
    """The `<time>` elements that say they are what is wanted, then those among the byline's lines."""
    lines = frozenset(near)
    marked = [
        stamp
        for stamp in outline.stamps
        if "publi" in stamp.words or "modif" in stamp.words or "entry-date" in stamp.words
    ]
    for stamp in (*marked, *(stamp for stamp in outline.stamps if stamp.at in lines)):
        around = outline.pieces[stamp.at].text if stamp.at < len(outline.pieces) else ""
        if wanted(f"{stamp.words} {around}"):
            yield stamp.value or stamp.text
            if stamp.value and len(stamp.value) <= 10:
                yield stamp.text


def _only_stamp(markup: Markup, day: Moment) -> list[str]:
    """The time of a known day that a `<time>` element tells, even in a navigation, if no other one does."""
    values = (element.get("datetime") or "" for element in markup.root.iter("time"))
    said = {value for value in values if value.startswith(_local_day(day))}
    return list(said) if len(said) == 1 else []


def _relative(raw: str, origin: str, clock: Clock) -> Moment | None:
    """Such as "3 hours ago", against the time of the fetch."""
    import dateparser  # slow to import, and seldom needed

    settings = {"RELATIVE_BASE": clock.now.astimezone(UTC).replace(tzinfo=None), "PARSERS": ["relative-time"]}
    found = dateparser.parse(raw, settings=settings)
    if found is None:
        return None
    precision = (
        Precision.MINUTE
        if re.search(r"min|分|мин|dak|hour|stund|heure|hora|ore|час|saat|時間|小时|tim|uur", raw, re.I)
        else Precision.DAY
    )
    return Moment(found.replace(tzinfo=UTC), 0, precision, origin, raw)
