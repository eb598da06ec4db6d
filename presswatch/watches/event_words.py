"""What happened besides new articles, in a reader's words: edits, further outlets, spikes, silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from presswatch import languages
from presswatch.archive.events import Event
from presswatch.archive.tables import EventKind
from presswatch.model import Record, from_json, to_json
from presswatch.watches.edits import Edit
from presswatch.watches.event_details import Gone, Silence, Spike, Via
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.wording import Wording

_TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to tell of, with its article and that one's source, where it is about one."""

    event: Event
    record: Record | None = None
    source: str = ""

    @property
    def title(self) -> str:
        """The article's headline, its address where it has none, "" where there is no article."""
        if self.record is None:
            return ""
        return truncate(single_line(self.record.article.title) or self.record.url, _TITLE_LENGTH)

    @property
    def edit(self) -> Edit | None:
        return from_json(Edit, self.event.detail) if self.event.kind is EventKind.EDIT else None


def happenings(
    events: Sequence[Event], records: Mapping[str, Record], names: Mapping[str, str]
) -> list[Happening]:
    """The events with their articles, the kinds one after the other; of several edits of an article the last.

    What is told of an article that was removed since is left out.
    """
    found: dict[tuple[EventKind, str], Happening] = {}
    for one in events:
        record = records.get(one.article) if one.article is not None else None
        if one.article is not None and record is None:
            continue
        source = names.get(record.source, record.source) if record else ""
        key = (one.kind, one.article or one.key)
        found[key] = _with_first_headline(found.get(key), Happening(one, record, source))
    order = list(EventKind)
    return sorted(found.values(), key=lambda one: order.index(one.event.kind))


def _with_first_headline(before: Happening | None, now: Happening) -> Happening:
    """An edit that follows one that is not told yet begins with the headline before both."""
    if before is None or before.edit is None or now.edit is None:
        return now
    joined = replace(now.edit, before=before.edit.before)
    return replace(now, event=replace(now.event, detail=to_json(joined)))


def headline(happened: Happening, words: Wording) -> str:
    """What happened, in a line."""
    title, source = words.isolated(happened.title), words.isolated(happened.source)
    match happened.event.kind:
        case EventKind.EDIT:
            return words.gettext("Edited: %(title)s", title=title)
        case EventKind.VANISHED:
            return words.gettext("Gone: %(title)s", title=title)
        case EventKind.OUTLET:
            return words.gettext("Now also in %(source)s: %(title)s", source=source, title=title)
        case EventKind.RELATED:
            return words.gettext("Linked as related: %(title)s", title=title)
        case EventKind.SPIKE:
            spike = from_json(Spike, happened.event.detail)
            return words.ngettext(
                "%(num)s article in an hour, far more than usual",
                "%(num)s articles in an hour, far more than usual",
                spike.hits,
            )
        case EventKind.SILENCE:
            silence = from_json(Silence, happened.event.detail)
            hours = (happened.event.seen - silence.since) // timedelta(hours=1)
            return words.ngettext("Nothing found for %(num)s hour", "Nothing found for %(num)s hours", hours)
        case _ as never:
            assert_never(never)


def details(happened: Happening, zone: str, words: Wording) -> list[str]:
    """What is to be said of it besides, a line each."""
    match happened.event.kind:
        case EventKind.EDIT:
            edit = happened.edit
            assert edit is not None
            return _of_edit(edit, words)
        case EventKind.VANISHED:
            since = _clock(from_json(Gone, happened.event.detail).vanished, zone, words)
            return [words.gettext("The page is not there any more since %(time)s.", time=since)]
        case EventKind.OUTLET:
            return []
        case EventKind.RELATED:
            via = words.isolated(single_line(from_json(Via, happened.event.detail).title))
            return [words.gettext("It is linked from “%(title)s”, which this watch found.", title=via)]
        case EventKind.SPIKE:
            return _of_spike(from_json(Spike, happened.event.detail), zone, words)
        case EventKind.SILENCE:
            return _of_silence(from_json(Silence, happened.event.detail), zone, words)
        case _ as never:
            assert_never(never)


def _of_edit(edit: Edit, words: Wording) -> list[str]:
    said = []
    if edit.before != edit.after:
        before = words.isolated(truncate(edit.before, _TITLE_LENGTH))
        said.append(words.gettext("The headline was: %(title)s", title=before))
    if edit.gone:
        gone = words.listed([words.isolated(one) for one in edit.gone])
        said.append(words.gettext("Not there any more: %(words)s", words=gone))
    if edit.come:
        come = words.listed([words.isolated(one) for one in edit.come])
        said.append(words.gettext("New: %(words)s", words=come))
    if not edit.matches:
        said.append(words.gettext("The watch does not match it any more."))
    return said


def _of_spike(spike: Spike, zone: str, words: Wording) -> list[str]:
    usual = languages.decimal(round(spike.expected, 1), words.language)
    hour = words.isolated(languages.hour(spike.hour, words.language, zone))
    return [
        words.ngettext(
            "Time: %(hours)s; usual at this hour of this weekday is %(usual)s, by the last %(num)s week.",
            "Time: %(hours)s; usual at this hour of this weekday is %(usual)s, by the last %(num)s weeks.",
            spike.weeks,
            hours=hour,
            usual=usual,
        )
    ]


def _of_silence(silence: Silence, zone: str, words: Wording) -> list[str]:
    articles = words.ngettext("%(num)s new article", "%(num)s new articles", silence.articles)
    return [
        words.gettext("Nothing matched since %(time)s.", time=_clock(silence.since, zone, words)),
        words.ngettext(
            "%(healthy)s of %(num)s source is healthy and brought %(articles)s.",
            "%(healthy)s of %(num)s sources are healthy and brought %(articles)s.",
            silence.sources,
            healthy=words.number(silence.healthy),
            articles=articles,
        ),
    ]


def _clock(instant: datetime, zone: str, words: Wording) -> str:
    return words.isolated(languages.clock(instant, words.language, zone))
