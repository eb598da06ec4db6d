"""The mail's words: subject, plain text and HTML of what a watch has found."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from presswatch import languages
from presswatch.archive.alerts import Body
from presswatch.model import LinkKind, Precision, Record, Step
from presswatch.query import Passage
from presswatch.query.passages import FieldValue
from presswatch.text.fragments import Fragment
from presswatch.watches import event_words
from presswatch.watches.audience import Audience
from presswatch.watches.event_words import Happening
from presswatch.watches.marks import marked_html, marked_text
from presswatch.watches.safe_text import single_line, truncate, web_link
from presswatch.watches.trouble import format_trouble
from presswatch.watches.wording import Wording

# A mail tells of this many stories, and of the first ones with their passages; the others are counted.
SHOWN = 60
IN_FULL = 20
# Mail readers cut off what is longer than about so many bytes; then fewer are told of, and more briefly.
LARGEST = 100_000
SIZES = ((IN_FULL, SHOWN), (12, 40), (6, 20), (3, 10), (1, 3), (0, 1))
# Of a story that others have as well, so many are named; of sources with more stories, so many.
_ALSO_SHOWN = 12
_SOURCES_SHOWN = 12
_TITLE_LENGTH = 300
_PATH_LENGTH = 160
_QUERY_LENGTH = 600


@dataclass(frozen=True, slots=True)
class Item:
    """An article to tell of, with the passage that matched and the titles along the path that found it."""

    record: Record
    source: str
    passage: Passage
    path: Sequence[tuple[Step, str]]


@dataclass(frozen=True, slots=True)
class Other:
    """A further article of a story: the outlet's name, and when (UTC)."""

    source: str
    url: str
    time: datetime


@dataclass(frozen=True, slots=True)
class StoryItem:
    """A story to tell of: who had it first of those found now, and every other outlet that has it.

    It is of `articles` found now; earlier mails of the watch told of `told` outlets.
    """

    first: Item
    others: Sequence[Other] = ()
    articles: int = 1
    told: int = 0

    @property
    def outlets(self) -> int:
        return 1 + len(self.others)


@dataclass(frozen=True, slots=True)
class MoreStory:
    """A story for which there was no room: who had it first, and how many articles were found of it."""

    source: str
    articles: int


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What a mail tells.

    `stories` are those shown, in order, and `more` those that are only counted; together they have `news`
    articles. `late` is how many more were found that are too old to be news. `query` is as typed,
    `understood` with nothing left implicit, "" where that is the same to its reader. `number` is the mail's,
    `owner` whoever answers questions, if anybody is named. `earlier` of the news were there before the watch.
    `happenings` are told beside the stories. `muted` articles are not told, as their recipient asked. `page`
    is where a recipient chooses what to be told of, `address` where the mail stands with all that it tells
    of; both are "" where no pages are reachable.
    """

    watch: str
    query: str
    understood: str
    stories: Sequence[StoryItem]
    more: Sequence[MoreStory]
    news: int
    late: int
    number: int
    owner: str = ""
    earlier: int = 0
    happenings: Sequence[Happening] = ()
    muted: int = 0
    page: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    subject: str
    text: str
    html: str

    def body(self, audience: Audience, pdf: bytes | None = None) -> Body:
        """What the archive keeps of it: the words for this audience, and a document to be attached."""
        return Body(audience.language, audience.time_zone, self.subject, self.text, self.html, pdf)


def render(content: DigestContent, audience: Audience) -> RenderedDigest:
    """The content in an audience's words. Everything from a page is escaped, and links lead to http(s) only.

    What would make the HTML longer than `LARGEST` bytes is shown more briefly, and then only counted.
    """
    for in_full, shown in SIZES:
        made = _rendered(content, audience, in_full, shown)
        if len(made.html.encode()) <= LARGEST:
            break
    return made


def _rendered(content: DigestContent, audience: Audience, in_full: int, shown: int) -> RenderedDigest:
    cut = [MoreStory(one.first.source, one.articles) for one in content.stories[shown:]]
    more = [*cut, *content.more]
    by_source: Counter[str] = Counter()
    for one in more:
        by_source[one.source] += one.articles
    values: dict[str, Any] = {
        "content": content,
        "stories": len(content.stories) + len(content.more),
        "query": truncate(content.query, _QUERY_LENGTH),
        "understood": truncate(content.understood, _QUERY_LENGTH),
        "in_full": content.stories[:in_full],
        "in_brief": content.stories[in_full:shown],
        "more": len(more),
        "more_articles": by_source.total(),
        "more_by_source": by_source.most_common(_SOURCES_SHOWN),
        "more_sources": max(len(by_source) - _SOURCES_SHOWN, 0),
        "happenings": content.happenings[:shown],
        "more_happenings": max(len(content.happenings) - shown, 0),
    }
    return render_with("digest", subject(content, audience.language), values, audience)


def render_with(template: str, subject: str, values: Mapping[str, Any], audience: Audience) -> RenderedDigest:
    """The mail of a template's two files, with these values, in an audience's words."""
    html = page_with(template, subject, values, audience)
    text = _environment(audience.language).get_template(f"{template}.txt").render(_known(values, audience))
    return RenderedDigest(subject, text.strip() + "\n", _inliner().inline(html))


def page_with(template: str, subject: str, values: Mapping[str, Any], audience: Audience) -> str:
    """The HTML of a template as a browser and a printer take it: with its style sheet as it is."""
    made = _environment(audience.language).get_template(f"{template}.html")
    return made.render(_known(values, audience), subject=subject)


def _known(values: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    return {
        **values,
        "zone": audience.time_zone,
        "language": languages.tag(audience.language),
        "direction": languages.direction(audience.language),
    }


def subject(content: DigestContent, language: str) -> str:
    """The watch's name, how many stories if there are several, and the first one's headline and outlets."""
    words = Wording(language, is_html=False)
    stories = len(content.stories) + len(content.more)
    watch = content.watch
    if not content.stories:
        return _subject_of_happenings(content, words)
    if content.earlier == content.news:
        watch = words.ngettext(
            "%(watch)s (%(num)s from before it was made)",
            "%(watch)s (%(num)s from before it was made)",
            stories,
            watch=content.watch,
        )
    elif stories > 1:
        watch = words.gettext("%(watch)s (%(number)s)", watch=content.watch, number=words.number(stories))
    first = content.stories[0]
    headline = _headline(first.first)
    if first.told and first.outlets > first.told:
        headline = words.ngettext(
            "now in %(num)s outlet: %(headline)s",
            "now in %(num)s outlets: %(headline)s",
            first.outlets,
            headline=headline,
        )
    elif not first.told and first.outlets > 1:
        headline = words.ngettext(
            "%(headline)s (%(num)s outlet)",
            "%(headline)s (%(num)s outlets)",
            first.outlets,
            headline=headline,
        )
    return single_line(words.gettext("%(watch)s: %(headline)s", watch=watch, headline=headline))


def _subject_of_happenings(content: DigestContent, words: Wording) -> str:
    watch, told = content.watch, len(content.happenings)
    if told > 1:
        watch = words.gettext("%(watch)s (%(number)s)", watch=watch, number=words.number(told))
    # What isolates words in a text is nothing for a subject.
    first = event_words.headline(content.happenings[0], words).replace("\u2068", "").replace("\u2069", "")
    return single_line(words.gettext("%(watch)s: %(headline)s", watch=watch, headline=first))


def format_time(record: Record, zone: str, words: Wording) -> str:
    """When it was published, in the reader's zone and no more exactly than the page says."""
    published = record.article.published
    if published is None or published.instant != record.time:
        seen = languages.clock(record.first_seen, words.language, zone)
        return words.gettext("first seen %(time)s", time=seen)
    if published.precision is Precision.DAY:
        # A day is a day of the publisher's calendar: shown as it was said.
        said = published.instant + timedelta(minutes=published.offset or 0)
        return languages.day(said, words.language)
    return languages.clock(published.instant, words.language, zone)


def format_path(item: Item, words: Wording) -> str:
    """How it was found, from the article backwards: as related to what, itself found where."""
    steps = [(step.kind, _page(step, title, words)) for step, title in reversed(item.path)]
    said = [_found(kind, page, words) for kind, page in steps[:1]]
    said += [_itself_found(kind, page, words) for kind, page in steps[1:]]
    between = Markup(" · ") if words.is_html else " · "
    return between.join(said) or words.gettext("Given by hand")


def _page(step: Step, title: str, words: Wording) -> str:
    if not single_line(title):
        return words.isolated(truncate(single_line(step.url), _PATH_LENGTH))
    named = words.isolated(truncate(single_line(title), _PATH_LENGTH))
    return words.gettext("“%(title)s”", title=named)


def _found(kind: LinkKind, page: str, words: Wording) -> str:
    match kind:
        case LinkKind.LISTING:
            return words.gettext("Found on %(page)s", page=page)
        case LinkKind.FEED:
            return words.gettext("Found in feed %(page)s", page=page)
        case LinkKind.SITEMAP:
            return words.gettext("Found in sitemap %(page)s", page=page)
        case LinkKind.RELATED:
            return words.gettext("Found as related to %(page)s", page=page)
        case LinkKind.GIVEN:
            return words.gettext("Found by hand as %(page)s", page=page)


def _itself_found(kind: LinkKind, page: str, words: Wording) -> str:
    match kind:
        case LinkKind.LISTING:
            return words.gettext("that page found on %(page)s", page=page)
        case LinkKind.FEED:
            return words.gettext("that page found in feed %(page)s", page=page)
        case LinkKind.SITEMAP:
            return words.gettext("that page found in sitemap %(page)s", page=page)
        case LinkKind.RELATED:
            return words.gettext("that page found as related to %(page)s", page=page)
        case LinkKind.GIVEN:
            return words.gettext("that page found by hand as %(page)s", page=page)


def format_value(found: FieldValue, words: Wording) -> str:
    """A field that a query asked for by name, with its marked value."""
    line = single_line(found.value)
    value = words.isolated(Markup("<mark>{}</mark>").format(line) if words.is_html else f"*{line}*")
    match found.field:
        case "author":
            return words.gettext("author: %(value)s", value=value)
        case "editor":
            return words.gettext("editor: %(value)s", value=value)
        case "origin":
            return words.gettext("origin: %(value)s", value=value)
        case "section":
            return words.gettext("section: %(value)s", value=value)
        case "tag":
            return words.gettext("tag: %(value)s", value=value)
        case "marked":
            return words.gettext("tag of the desk: %(value)s", value=value)
        case "collection":
            return words.gettext("collection: %(value)s", value=value)
        case "note":
            return words.gettext("note: %(value)s", value=value)
        case _:
            return words.gettext("%(field)s: %(value)s", field=found.field, value=value)


def format_others(story: StoryItem, zone: str, words: Wording) -> str:
    """Who else has a story, and when: the first of them by name."""
    said = []
    for other in story.others[:_ALSO_SHOWN]:
        outlet = words.isolated(other.source)
        if words.is_html and web_link(other.url):
            outlet = Markup('<a class="link" href="{}">{}</a>').format(web_link(other.url), outlet)
        time = languages.clock_beside(other.time, story.first.record.time, words.language, zone)
        said.append(words.gettext("%(outlet)s (%(time)s)", outlet=outlet, time=time))
    unnamed = len(story.others) - _ALSO_SHOWN
    if unnamed > 0:
        said.append(words.ngettext("%(num)s more outlet", "%(num)s more outlets", unnamed))
    return words.listed(said)


def format_sources(by_source: Sequence[tuple[str, int]], unnamed: int, words: Wording) -> str:
    """Sources with how many articles of each, and how many sources more there are."""
    said = [
        words.gettext("%(source)s (%(number)s)", source=words.isolated(source), number=words.number(articles))
        for source, articles in by_source
    ]
    if unnamed:
        said.append(words.ngettext("%(num)s other source", "%(num)s other sources", unnamed))
    return words.listed(said)


def format_authors(authors: Sequence[str], words: Wording) -> str:
    return words.listed([words.isolated(single_line(one)) for one in authors])


def _headline(item: Item) -> str:
    return truncate(single_line(item.record.article.title) or single_line(item.record.url), _TITLE_LENGTH)


def _title(item: Item) -> Fragment:
    """The title with its marks; the address of an article without one."""
    title = item.passage.title
    if not single_line(title.text):
        return Fragment(single_line(item.record.url))
    spans = [(start, min(end, _TITLE_LENGTH)) for start, end in title.spans if start < _TITLE_LENGTH]
    return Fragment(title.text[:_TITLE_LENGTH], tuple(spans), after=len(title.text) > _TITLE_LENGTH)


@cache
def _inliner() -> CSSInliner:
    # Many mail readers know style attributes only; dark colours stay a rule. Nothing is ever loaded.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("presswatch.watches"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = languages.catalogue(language)
    # What the extension adds to an environment, and no type knows.
    install: Any = environment
    install.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)

    def worded(phrase: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that is given the wording of the template that it stands in."""

        @pass_eval_context
        def filtered(context: EvalContext, *values: Any) -> Any:
            return phrase(*values, Wording(language, is_html=bool(context.autoescape)))

        return filtered

    environment.filters |= {
        "marked_html": marked_html,
        "marked_text": marked_text,
        "titled": _title,
        "headline": _headline,
        "link": web_link,
        "line": single_line,
        "clock": lambda instant, zone: languages.clock(instant, language, zone),
        "number": lambda count: languages.number(count, language),
        "when": worded(format_time),
        "path": worded(format_path),
        "value": worded(format_value),
        "others": worded(format_others),
        "sources": worded(format_sources),
        "people": worded(format_authors),
        "trouble": worded(format_trouble),
        "event_headline": worded(event_words.headline),
        "event_details": worded(event_words.details),
        "isolated": worded(lambda said, words: words.isolated(said)),
    }
    return environment
