"""What a mail tells, as values that are kept beside its words, for channels that programs read."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from presswatch.archive.tables import Finish
from presswatch.model import MailKind
from presswatch.text.fragments import Fragment
from presswatch.watches.arrangement import Coming
from presswatch.watches.content import DigestContent, StoryItem
from presswatch.watches.nil_report import NilReport
from presswatch.watches.review import ReviewContent
from presswatch.watches.safe_text import printable, single_line

# Of a passage so many characters are told; the article is behind its address.
_PASSAGE_LENGTH = 2000


def told_by_digest(content: DigestContent) -> str:
    """What a digest tells, as JSON, to be kept beside its words."""
    shown = sum(one.articles for one in content.stories)
    counts = {
        "articles": content.news,
        "stories": len(content.stories) + len(content.more),
        "stories_told": len(content.stories),
        "articles_only_counted": content.news - shown,
        "late": content.late,
    }
    return _json(content.watch, MailKind.DIGEST, [_story(one) for one in content.stories], counts)


def told_by_nil_report(report: NilReport) -> str:
    """The same of a report that nothing was found."""
    counts = {
        "articles": 0,
        "stories": 0,
        "late": report.late,
        "articles_read": report.articles,
        "sources": report.sources,
        "sources_in_trouble": len(report.troubles),
    }
    return _json(report.watch, MailKind.NIL_REPORT, [], counts)


def told_by_review(content: ReviewContent, through: int, issue: Coming) -> str:
    """The same of a press review; further, the articles that it told of, and through which match it looked.

    Of texts there is no more than the review shows. Of an issue that editors made what they wrote and left
    out, who finished it, and how; of one that they finished until when they had looked. An extra one looks
    no further than the one before: what it left waits for the next, but for what extra ones told of.
    """
    told = []
    for part in content.sections:
        for one in part.stories:
            annotation = "\n".join(one.annotation)
            values = {"section": single_line(part.name), **_story(one.story), "annotation": annotation}
            told.append(values if one.passage or one.paragraphs else values | {"passage": ""})
    counts = {"articles": len(content.articles), "stories": len(told)}
    further: dict[str, Any] = {"articles": list(content.articles), "through": through}
    if draft := content.draft:
        further |= {"foreword": "\n".join(content.foreword), "left_out": content.left_out}
        further |= {"finish": draft.finish, "finished_by": draft.finished_by}
        if draft.finish is Finish.EXTRA:
            further |= {"through": issue.through, "until": issue.start.isoformat()}
            further |= {"told_before": sorted(issue.told)}
        elif draft.is_whole:
            further |= {"through": draft.looked, "until": draft.looked_at.isoformat()}
    return _json(content.name, MailKind.REVIEW, told, counts, further)


def told_by_choices(watch: str) -> str:
    """The same of a mail to a watch's owner."""
    return _json(watch, MailKind.CHOICES, [], {})


def told_by_alarms(name: str) -> str:
    """The same of a mail to the operator."""
    return _json(name, MailKind.ALARMS, [], {})


def _json(
    name: str,
    kind: str,
    stories: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    further: Mapping[str, Any] | None = None,
) -> str:
    told = {"watch_name": single_line(name), "kind": kind, "stories": stories, "counts": counts}
    return json.dumps(told | dict(further or {}), ensure_ascii=False)


def _story(one: StoryItem) -> dict[str, Any]:
    record = one.first.record
    published = record.article.published
    return {
        "id": record.id,
        "title": single_line(record.article.title),
        "url": single_line(record.url),
        "source": single_line(one.first.source),
        "published": _instant(published.instant) if published else None,
        "first_seen": _instant(record.first_seen),
        "passage": _text([one.first.passage.body, *one.first.passage.more]),
        "others": [
            {"source": single_line(it.source), "url": single_line(it.url), "time": _instant(it.time)}
            for it in one.others
        ],
        "articles": one.articles,
        "outlets": one.outlets,
        "outlets_told_before": one.told,
    }


def _text(fragments: Sequence[Fragment]) -> str:
    return printable(" … ".join(one.text for one in fragments)).strip()[:_PASSAGE_LENGTH]


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
