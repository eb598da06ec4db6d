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

from crawler.extract import vocabulary as words
from crawler.extract.fields.byline import Byline
from crawler.extract.fields.clocks import find_clock
from crawler.extract.fields.dates import at_clock, read_time, zone_of
from crawler.extract.page.markup import Markup, strings, types
from crawler.extract.page.outline import HEADINGS, Box, Outline, boxes_around
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
    "displaydate",
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
# How a text itself begins with its day: "(18.01.2018) Since", "01.02.2022 „The", "31. Oktober 2023. Drag".
_BEGINS_WITH_DAY = re.compile(
    r"\W{0,2}(\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d(?:,?\s\d{1,2}[:.]\d\d)?)(?!\d)|"
    r"\W{0,2}(\d{1,2}\.?\s[^\W\d_]{3,10}\.?\s(?:19|20)\d\d)\s?(?:[.:)|]|[–—-]\s)|"
    r"\W{0,2}((?:19|20)\d\d-\d\d-\d\d)(?!\d)|\(([^\W\d_]{3,10}\.?\s\d{1,2},\s(?:19|20)\d\d)\)"
)
# What a line far from the headline begins with, or says of a day, where it tells of the publication.
_ISSUED = re.compile(
    r"(?<!\w)(?:posted|published|written|created|submitted|gepostet|veröffentlicht|erstellt|verfasst|erschienen|"
    r"geschrieben|eingestellt|publi[ée]e?|rédigé|mis en ligne|publicado|escrito|pubblicat[oa]|scritto|"
    r"geplaatst|gepubliceerd|publicerad|publisert|udgivet|julkaistu|opublikowan[oya]|zveřejněno|опубликован[оа]?|"
    r"publicerat|yayınlan\w*|发布|發布|公開日|投稿日|掲載日|게시)",
    re.I,
)
# A day of somebody's account or life, or on which a source was looked at.
_OTHER_DAY = re.compile(
    r"\b(?:regist(?:riert|ered|rado|rato)|inscrit[oa]?|joined|(?:member|mitglied|membre|miembro) "
    r"(?:since|seit|depuis|desde)|abgerufen|retrieved|accessed|consultad[oa]|geboren|born)\b|引用日期|注册时间|註冊",
    re.I,
)
_LONGEST_SAYING = 220
# Far from the headline a day without its year is as well another matter's.
_YEAR = re.compile(r"(?:19|20)\d\d|2[45]\d\d|1[34]\d\d|\d[./-]\d\d(?!\d)")
# What pages keep of an article in their scripts, where these are no JSON-LD.
_KEPT = re.compile(
    r"[\"'](?:date_?published|published_?date|publish_?date|published_?at|publication_?date|pub_?date|"
    r"first_?published(?:_?at)?)\\?[\"']\s*:\s*\\?[\"']((?:19|20)\d\d-\d\d-\d\d[^\"'\\]{0,20})",
    re.I,
)
_DATED = re.compile(
    words.named(words.TIMES, words.METADATA, words.AUTHORS, r"posted|created|published|datum|fecha|dato")
)
_COMMENTED = re.compile(words.named(words.COMMENTS, words.COMMENT_PARTS))
# The clocks of the world differ from UTC by these steps, and no more.
_STEP, _NEAREST, _FARTHEST = 30, 3 * 60, 14 * 60
_CLOCK = re.compile(r"\d\s?[:.h时時点點시]\s?\d\d|\d\s?[ap]\.?m", re.I)
_OFFSET_LAST = re.compile(r"[+-]\d\d:?\d\d(?!\d)\D*$")
_PROPERTIES = ("dc:date", "dcterms:created", "schema:dateCreated")
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
    opening: Sequence[str] = (),
    modified: Moment | None = None,
    entries: Sequence[Entry] = (),
) -> Moment | None:
    """The publication. `opening` are the text's first blocks, which may begin with place and day.

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
    told.add(_stamps(outline, byline, lambda words: not _CHANGED.search(words)), "time element")
    if not told.exact:
        told.add(_lines(outline, byline), "byline")
    if not told.moments and (found := _IN_URL.search(markup.url)):
        told.add(["-".join(found.groups())], "address")
    if told.moments and not told.exact:
        told.add(_only_stamp(markup, told.moments[0]), "time element beside")
    for entry in entries:
        if entry.published != entry.modified:
            told.hear(entry.published)
    if not told.moments:
        told.add((day for text in opening for day in _days_it_begins_with(text)), "dateline")
    if not told.moments:
        told.add(
            (stamp.value or stamp.text for stamp in outline.stamps if len(outline.stamps) == 1),
            "only time element",
        )
        told.add(_far_lines(outline, byline, _ISSUED), "line that says so")
        told.add(_named_lines(outline, byline), "element called a date")
        told.add(_kept(markup), "script")
    if not told.moments and modified is not None:
        told.moments.append(replace(modified, origin=f"last change: {modified.origin}"))
    best = told.best()
    return best if best is None else _where_it_was_written(best, markup, outline, byline, clock)


def _lines(outline: Outline, byline: Byline) -> Iterator[str]:
    """The byline's lines as far as they may tell a publication: those under the headline, those above it from
    the nearest on, those behind the text. The headline may tell of any day.
    """
    ends = byline.text_end
    below = [n for n in byline.pieces if byline.title < n < ends]
    above = [n for n in reversed(byline.pieces) if n <= byline.title]
    above.sort(key=lambda n: n == byline.title and outline.pieces[n].box.tag in HEADINGS)
    behind = [
        n
        for n in byline.pieces
        if n >= ends and not _is_another_s(outline, n) and not _is_of_comments(outline.pieces[n].box, ends)
    ]
    return (
        _CHANGED.split(text)[0]
        for n in (*below, *above, *behind)
        if not _OTHER_DAY.search(text := outline.pieces[n].text)
    )


def _is_of_comments(box: Box | None, text_end: int) -> bool:
    """Whether what stands in a box behind the text is what a reader wrote."""
    while box is not None and box.start >= text_end:
        if _COMMENTED.search(box.words):
            return True
        box = box.parent
    return False


def _days_it_begins_with(text: str) -> list[str]:
    """What may be the day that a paragraph begins with, after a place or alone."""
    found = (_DATELINE.match(text), _BEGINS_WITH_DAY.match(text))
    return [day for match in found if match for day in match.groups() if day]


def _far_lines(outline: Outline, byline: Byline, saying: re.Pattern[str]) -> Iterator[str]:
    """The lines anywhere on a page that say what they tell, without those of cards and of comments; from the
    headline on.
    """
    known = frozenset(byline.pieces)
    for n in (*range(byline.title, len(outline.pieces)), *range(byline.title)):
        text, box = outline.pieces[n].text, outline.pieces[n].box
        if n >= byline.text_end:
            # "This entry was posted on", and where it is filed and how to answer.
            text = text[:_LONGEST_SAYING]
        if len(text) > _LONGEST_SAYING or n in known or not _YEAR.search(text):
            continue
        if saying.search(text) and not _is_of_comments(box, byline.title) and not _is_another_s(outline, n):
            yield text


def _named_lines(outline: Outline, byline: Byline) -> Iterator[str]:
    """The lines from the headline on that stand in a box, or hold an element, whose name says that it is a
    date.
    """
    for n in range(byline.title, len(outline.pieces)):
        piece = outline.pieces[n]
        if len(piece.text) > _LONGEST_SAYING or not _YEAR.search(piece.text):
            continue
        named = _DATED.search(piece.box.words) or any(
            _DATED.search((part.get("class") or "").lower())
            for part in piece.box.element.iterchildren("span")
        )
        if named and not _is_of_comments(piece.box, byline.title) and not _is_another_s(outline, n):
            yield piece.text


def _kept(markup: Markup) -> list[str]:
    """The publication in the page's scripts, if they tell but one day."""
    scripts = (
        one.text or "" for one in markup.root.iter("script") if "ld+json" not in (one.get("type") or "")
    )
    found = [match[1] for script in scripts for match in _KEPT.finditer(script)]
    return found[:1] if len({text[:10] for text in found}) == 1 else []


def _where_it_was_written(
    best: Moment, markup: Markup, outline: Outline, byline: Byline, clock: Clock
) -> Moment:
    """A time that is told in UTC with the offset of the clock by which the page shows the same instant: its
    day is that of the press and its readers.
    """
    if best.offset or best.assumed_zone or best.precision is Precision.DAY:
        return best
    declared = (text for node in markup.articles for text in strings(node.get("datePublished")))
    others = (text for name in _PUBLISHED for text in markup.metas.get(name, ()) if _OFFSET_LAST.search(text))
    shown = (
        text for stamp in outline.stamps if stamp.at in byline.pieces for text in (stamp.value, stamp.text)
    )
    at_full_hour = best.instant.minute == best.instant.second == 0
    for text in (*shown, *_lines(outline, byline), *declared, *others):
        if text == best.raw or not (_CLOCK.search(text) or (at_full_hour and _YEAR.search(text))):
            continue
        if not (told := clock.read(text, "")):
            continue
        apart = round((_wall(told) - best.instant).total_seconds() / 60)
        if told.precision is Precision.DAY:
            # Midnight there: farther east, the next day is as well the one on which the page was fetched.
            is_one = 0 < apart <= _NEAREST and (best.instant + timedelta(minutes=apart)).hour == 0
        else:
            is_one = told.assumed_zone or abs(told.instant - best.instant) < timedelta(minutes=1)
        if is_one and apart and apart % _STEP == 0 and abs(apart) <= _FARTHEST:
            return replace(best, offset=apart)
    return best


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
    markup: Markup, outline: Outline, byline: Byline, clock: Clock, entries: Sequence[Entry] = ()
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
        told.add(_stamps(outline, byline, lambda words: bool(_CHANGED.search(words))), "time element")
        texts = (_CHANGED.split(outline.pieces[n].text, maxsplit=1) for n in byline.pieces)
        told.add((parts[1] for parts in texts if len(parts) > 1), "byline")
        if not told.moments:
            told.add(_far_lines(outline, byline, _CHANGED), "line that says so")
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
        if shown := self._shown_day(best):
            best, reason = shown, f"shown beside the headline, which {best.origin} contradicts"
        for other in self.moments[1:]:
            if _refines(other, best):
                best, reason = other, f"it says the same as {best.origin}, and more exactly"
        for moment in self.moments:
            verdict = reason if moment is best else _less(moment, best)
            trace_field(self.field, moment.origin, moment.raw, verdict, believed=moment is best)
        return best

    def _shown_day(self, best: Moment) -> Moment | None:
        """What a `<time>` and a line of the byline agree on, against a day in the head, which nobody sees."""
        if best.precision is not Precision.DAY or not best.origin.startswith("meta"):
            return None
        by_origin = {moment.origin: moment for moment in reversed(self.moments)}
        stamp, line = by_origin.get("time element"), by_origin.get("byline")
        agree = stamp and line and _local_day(stamp) == _local_day(line)
        return stamp if agree and stamp and _local_day(stamp) != _local_day(best) else None


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


def _stamps(outline: Outline, byline: Byline, wanted: Callable[[str], bool]) -> Iterator[str]:
    """The `<time>` elements that say they are what is wanted, then those among the byline's lines; none of
    comments.
    """
    lines = frozenset(byline.pieces)
    own = [stamp for stamp in outline.stamps if not _is_of_comments(stamp.box, byline.text_end)]
    marked = [
        stamp
        for stamp in own
        if "publi" in stamp.words or "modif" in stamp.words or "entry-date" in stamp.words
    ]
    for stamp in (*marked, *(stamp for stamp in own if stamp.at in lines)):
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
