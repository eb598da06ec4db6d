"""The step that makes the issues of press reviews when they are due or an editor sends them.

Each becomes one mail, kept before it is sent, in the transaction that ends its draft.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from presswatch.archive import Archive, alerts, drafts, reviews
from presswatch.archive.alerts import Body, Closed
from presswatch.archive.tables import Finish
from presswatch.config import Config, Review
from presswatch.errors import PresswatchError
from presswatch.watches.arrangement import issue_at
from presswatch.watches.audience import Audience, audience
from presswatch.watches.copies import Reader, written_copies
from presswatch.watches.review import ReviewContent, issue_content, render_review, review_page
from presswatch.watches.review_pdf import is_available, pdf
from presswatch.watches.told_values import told_by_review
from presswatch.watches.windows import window_end

_INSTANT = timedelta(microseconds=1)

log = structlog.get_logger()


def review_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Make the reviews that are due; whether there was any.

    However many slots have passed, one review tells of all that was found since the last one. A fault in one
    does not keep the others waiting: it is raised when they are done.
    """
    wanted = [review for review in config.reviews if review.enabled and review.recipients]
    if not wanted:
        return False
    ids = {reviews.watch_of(review.id) for review in wanted}
    with archive.reading() as tx:
        states = alerts.watches(tx)
    if unknown := ids - states.keys():
        with archive.writing() as tx:
            alerts.ensure_watches(tx, sorted(unknown), now)
        return True
    made = False
    faults: list[Exception] = []
    for review in wanted:
        closed_until = states[reviews.watch_of(review.id)].closed_until
        try:
            made |= _make_if_due(archive, config, review, closed_until, now)
        except PresswatchError:
            raise
        except Exception as error:
            error.add_note(f"while writing the press review {review.id}")
            faults.append(error)
    if faults:
        raise faults[0]
    return made


def _make_if_due(
    archive: Archive, config: Config, review: Review, closed_until: datetime, now: datetime
) -> bool:
    """Make the issue that an editor sent, or whose hour has come; whether anything was done."""
    with archive.reading() as tx:
        draft = drafts.coming(tx, review.id)
    if draft is not None and draft.finished and draft.finish in (Finish.NOW, Finish.EXTRA):
        # The same instant whenever it is made, and so the same Message-IDs.
        at = max(draft.finished, closed_until + _INSTANT)
        return _make(archive, config, review, closed_until, at, draft.slot, now)
    end = window_end(review.timing, closed_until, now)
    if end is None:
        return False
    with archive.writing() as tx:
        if drafts.is_replaced(tx, review.id, end):
            alerts.close_windows(tx, {reviews.watch_of(review.id): end})
            return True
        draft = drafts.coming(tx, review.id)
        if draft is not None and draft.finish in (Finish.NOW, Finish.EXTRA):
            # Sent this moment: that is done first.
            return True
        if draft is not None and draft.finish is None:
            # From now on nobody changes it: making it takes a while.
            drafts.leave(tx, draft, end, now)
    return _make(archive, config, review, closed_until, end, end, now)


def _make(
    archive: Archive,
    config: Config,
    review: Review,
    closed_until: datetime,
    end: datetime,
    slot: datetime | None,
    now: datetime,
) -> bool:
    """Write an issue beside the archive's other work, then keep it unless it was edited or made meanwhile."""
    watch = reviews.watch_of(review.id)
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        issue = replace(issue_at(tx, review, end, closed_until), slot=slot or end)
        content = issue_content(tx, config, review, issue, end, number)
        newest, free = reviews.newest_match(tx), alerts.free_end(tx, watch, end)
    language = review.language or config.alerts.language
    zone = review.time_zone or config.time_zone
    readers = [Reader(one, audience(one, language, zone)) for one in review.recipients]
    copies = written_copies(
        readers, lambda reader: _body(review, content, reader), watch, free, config.mail.sender
    )
    closed = Closed(
        number=number,
        watch=watch,
        start=closed_until,
        end=free,
        owner="",
        answers=None,
        matches=(),
        told=told_by_review(content, newest, issue),
    )
    with archive.writing() as tx:
        kept = drafts.is_still(tx, review.id, issue.draft) and alerts.keep_digest(tx, closed, copies, now)
        if kept and issue.draft:
            drafts.keep_sent(tx, issue.draft.id, number, slot)
    if kept:
        log.info("press review made", review=review.id, mail=number, stories=len(content.stories))
    return kept


def _body(review: Review, content: ReviewContent, reader: Audience) -> Body:
    made = render_review(content, reader)
    attached = None
    if review.pdf and is_available():
        try:
            attached = pdf(review_page(content, reader))
        except PresswatchError as error:
            # The mail has it all in words.
            log.warning("a press review is mailed without its PDF", review=review.id, reason=str(error))
    return made.body(reader, attached)
