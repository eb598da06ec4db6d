"""The step that makes press reviews when they are due: each becomes one mail, kept before it is sent."""

from datetime import datetime

import structlog

from presswatch.archive import Archive, alerts, reviews
from presswatch.archive.alerts import Body, Closed
from presswatch.config import Config, Review
from presswatch.errors import PresswatchError
from presswatch.watches.audience import Audience, audience
from presswatch.watches.copies import Reader, written_copies
from presswatch.watches.review import ReviewContent, covered, render_review, review_content, review_page
from presswatch.watches.review_pdf import is_available, pdf
from presswatch.watches.told_values import told_by_review
from presswatch.watches.windows import window_end

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
        end = window_end(review.timing, closed_until, now)
        if end is None:
            continue
        try:
            made |= _make(archive, config, review, closed_until, end, now)
        except PresswatchError:
            raise
        except Exception as error:
            error.add_note(f"while writing the press review {review.id}")
            faults.append(error)
    if faults:
        raise faults[0]
    return made


def _make(
    archive: Archive, config: Config, review: Review, closed_until: datetime, end: datetime, now: datetime
) -> bool:
    """Write a review beside the archive's other work, then keep it unless another did meanwhile."""
    watch = reviews.watch_of(review.id)
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        last = reviews.last_told(tx, review.id)
        start = covered(closed_until if last else None, end)
        through = last[1] if last else None
        content = review_content(tx, config, review, start, end, through=through, number=number)
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
        told=told_by_review(content, newest),
    )
    with archive.writing() as tx:
        kept = alerts.keep_digest(tx, closed, copies, now)
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
