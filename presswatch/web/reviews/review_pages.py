"""The pages of press reviews: all of them, one, and the issues that were made."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from threading import Lock
from typing import Any

from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from presswatch import lock
from presswatch.archive import mails, reviews
from presswatch.archive.drafts import Draft
from presswatch.archive.reviews import Issue, IssueBody
from presswatch.archive.tables import Finish
from presswatch.config import Review
from presswatch.errors import PresswatchError
from presswatch.search.export import csv_row
from presswatch.watches.arrangement import Coming, candidates, coming_issue
from presswatch.watches.review_pdf import pdf
from presswatch.watches.wording import Wording
from presswatch.web.access import Role
from presswatch.web.asking import Asked
from presswatch.web.watches import watch_words

_ON_A_PAGE = 30
_EXPORTED = 10_000
# A mail has styles of its own; nothing in it runs or comes from elsewhere, and nothing leaves its frame.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; form-action 'none'; "
    "base-uri 'none'"
)
COLUMNS = (
    "review",
    "issue",
    "made",
    "finish",
    "finished_by",
    "section",
    "position",
    "title",
    "source",
    "url",
    "published",
    "annotation",
    "outlets",
    "id",
)
_setting = Lock()


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a review: its coming issue, how many stories it could have, and the last issue."""

    review: Review
    coming: Coming
    found: int
    taken: int
    undecided: int
    last: Issue | None
    is_sent: bool


def listing(asked: Asked) -> Response:
    """Every review with its coming issue and the last one."""
    with asked.service.archive.reading() as tx:
        rows = [standing(tx, asked, one) for one in asked.config.reviews]
    return asked.page(
        "reviews", rows=rows, may_edit=may_edit(asked), zone_of=zone_of(asked), state=state(asked)
    )


def one(asked: Asked) -> Response:
    """One review: what it is made of, its coming issue, and those that were made before `before`."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    before = asked.value("before")
    with asked.service.archive.reading() as tx:
        row = standing(tx, asked, review)
        number = int(before) if before.isdecimal() and len(before) < 10 else None
        issues = reviews.issues(tx, review.id, _ON_A_PAGE + 1, number)
    return asked.page(
        "review",
        row=row,
        issues=issues[:_ON_A_PAGE],
        older=issues[_ON_A_PAGE - 1].number if len(issues) > _ON_A_PAGE else None,
        names={watch.id: watch.name for watch in asked.config.watches},
        may_edit=may_edit(asked),
        daemon=lock.holder(asked.service.data) is not None,
        zone_of=zone_of(asked),
        state=state(asked),
        how=lambda issue: how(issue.told, asked.words),
    )


def issue(asked: Asked) -> Response:
    """An issue as it was made: who finished it, its stories in their order, and its mails."""
    found = _issue(asked)
    if found is None:
        return no_review(asked)
    with asked.service.archive.reading() as tx:
        bodies = reviews.bodies(tx, found.number)
        mail = mails.get(tx, found.number)
    sections: list[tuple[str, list[Mapping[str, Any]]]] = []
    for story in found.stories:
        if not sections or sections[-1][0] != story.get("section", ""):
            sections.append((story.get("section", ""), []))
        sections[-1][1].append(story)
    return asked.page(
        "review_issue",
        issue=found,
        sections=sections,
        bodies=bodies,
        deliveries=mail.deliveries if mail else (),
        may_edit=may_edit(asked),
        zone=_zone(asked, asked.config.review(found.review)),
        how=how(found.told, asked.words),
        state_of=lambda said: watch_words.delivery_state(said, asked.words),
    )


def issue_mail(asked: Asked) -> Response:
    """The mail of an issue as it was sent, for a frame that nothing leaves."""
    body = _body(asked)
    if body is None:
        return no_review(asked)
    return HTMLResponse(body.html, headers={"content-security-policy": MAIL_POLICY})


def issue_pdf(asked: Asked) -> Response:
    """The document that was attached to an issue, or else its mail on paper."""
    body = _body(asked)
    if body is None:
        return no_review(asked)
    with asked.service.archive.reading() as tx:
        kept = reviews.kept_pdf(tx, body.id)
    name = f"{asked.request.path_params['review']}-{asked.request.path_params['issue']}"
    return as_pdf(asked, name, body.html, kept)


def export(asked: Asked) -> Response:
    """Every story of a review's issues, with its annotation, as JSON Lines or CSV."""
    id_, form = asked.request.path_params["review"], asked.request.path_params["form"]
    with asked.service.archive.reading() as tx:
        found = reviews.issues(tx, id_, _EXPORTED)
    if form not in ("jsonl", "csv") or not (found or asked.config.review(id_)):
        return no_review(asked)
    rows = (row for one in found for row in exported(one))
    if form == "jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        text = csv_row(COLUMNS) + "".join(csv_row([row[name] for name in COLUMNS]) for row in rows)
    headers = {"content-disposition": f'attachment; filename="review-{id_}.{form}"'}
    media_type = "application/x-ndjson" if form == "jsonl" else "text/csv"
    return Response(text.encode(errors="replace"), headers=headers, media_type=media_type)


def exported(issue: Issue) -> Iterator[dict[str, Any]]:
    """The stories of an issue as rows, in their order."""
    for position, story in enumerate(issue.stories, 1):
        yield {
            "review": issue.review,
            "issue": issue.number,
            "made": issue.made.isoformat(),
            "finish": issue.told.get("finish") or "",
            "finished_by": issue.told.get("finished_by", ""),
            "position": position,
            **{name: story.get(name) or "" for name in ("section", "title", "source", "url", "published")},
            **{name: story.get(name) or "" for name in ("annotation", "outlets", "id")},
        }


def standing(tx: Connection, asked: Asked, review: Review) -> Standing:
    now = asked.service.now()
    coming = coming_issue(tx, review, now)
    sections = candidates(tx, review, coming, max(coming.slot, now + now.resolution))
    last = reviews.issues(tx, review.id, 1)
    mail = mails.get(tx, last[0].number) if last else None
    return Standing(
        review,
        coming,
        sum(one.size for one in sections),
        sum(len(one.taken) for one in sections),
        sum(len(one.undecided) for one in sections),
        last[0] if last else None,
        mail is not None and all(copy.sent for copy in mail.deliveries),
    )


def known(asked: Asked) -> Review | None:
    """The review that the address names."""
    return asked.config.review(asked.request.path_params["review"])


def no_review(asked: Asked) -> Response:
    """The page that says that there is no such review or issue, and which one may have been meant."""
    id_ = asked.request.path_params["review"]
    near = get_close_matches(id_, [one.id for one in asked.config.reviews], 1)
    return asked.page("no_review", 404, id=id_, near=near[0] if near else "")


def may_edit(asked: Asked) -> bool:
    return asked.reader.role >= Role.EDITOR


def zone_of(asked: Asked) -> Any:
    """The zone in which a review's times are told."""
    return lambda review: _zone(asked, review)


def _zone(asked: Asked, review: Review | None) -> str:
    return (review.time_zone if review else "") or asked.config.time_zone


def who(name: str, words: Wording) -> str:
    """A reader, for people."""
    return words.isolated(name) if name else words.gettext("somebody at this machine")


def state(asked: Asked) -> Any:
    """What a page says of a coming issue."""

    def said(row: Standing) -> str:
        draft, words = row.coming.draft, asked.words
        if not row.review.enabled:
            return words.gettext("Switched off: nothing is mailed.")
        if not row.review.recipients:
            return words.gettext("It has no recipients: nothing is mailed.")
        return draft_state(draft, words)

    return said


def draft_state(draft: Draft | None, words: Wording) -> str:
    """How far an issue is, in a sentence."""
    if draft is None:
        return words.gettext("Nobody has begun to edit it: at its hour it tells all that was found.")
    match draft.finish:
        case None:
            return words.gettext(
                "Edited by %(name)s, not finished: at its hour what nobody decided follows what was taken.",
                name=who(draft.changed_by, words),
            )
        case Finish.HOUR:
            return words.gettext(
                "Finished by %(name)s: it leaves at its hour as it is.", name=who(draft.finished_by, words)
            )
        case Finish.LEFT:
            return words.gettext("Its hour has come: it is being made as it was left.")
        case Finish.NOW | Finish.EXTRA:
            return words.gettext("Sent by %(name)s: it is being made.", name=who(draft.finished_by, words))


def how(told: Mapping[str, Any], words: Wording) -> str:
    """How an issue came about, in a sentence."""
    if not told:
        return words.gettext("Its text was removed on request.")
    name = who(told.get("finished_by", ""), words)
    match told.get("finish"):
        case Finish.HOUR:
            return words.gettext("Finished by %(name)s, mailed at its hour.", name=name)
        case Finish.NOW:
            return words.gettext("Sent by %(name)s in place of its hour.", name=name)
        case Finish.EXTRA:
            return words.gettext("Sent by %(name)s besides its hour.", name=name)
        case Finish.LEFT:
            return words.gettext("Edited, not finished at its hour: what nobody had decided stood behind.")
    return words.gettext("Made by itself of all that was found.")


def as_pdf(asked: Asked, name: str, html: str, kept: bytes | None = None) -> Response:
    """A document to be looked at in a browser; where none is kept it is made, one at a time."""
    made = kept
    if made is None:
        if not _setting.acquire(blocking=False):
            return asked.message(
                503, asked.words.gettext("Another PDF is being made just now. Try again soon.")
            )
        try:
            made = pdf(html)
        except PresswatchError as error:
            return asked.message(503, str(error))
        finally:
            _setting.release()
    headers = {"content-disposition": f'inline; filename="{name}.pdf"'}
    return Response(made, headers=headers, media_type="application/pdf")


def _issue(asked: Asked) -> Issue | None:
    """The issue that the address names."""
    id_, number = asked.request.path_params["review"], asked.request.path_params["issue"]
    if not number.isdecimal() or len(number) > 9:
        return None
    with asked.service.archive.reading() as tx:
        return reviews.issue(tx, id_, int(number))


def _body(asked: Asked) -> IssueBody | None:
    """The words of the issue that the address names: `body` chooses among them, the first if nothing does."""
    found = _issue(asked)
    if found is None:
        return None
    with asked.service.archive.reading() as tx:
        bodies = reviews.bodies(tx, found.number)
    chosen = [one for one in bodies if str(one.id) == asked.value("body")] or bodies
    return chosen[0] if chosen else None
