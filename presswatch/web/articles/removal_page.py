"""Removing an article on request, for operators: what would go, the reason, and what was removed before."""

from starlette.responses import Response

from presswatch.archive import articles, removals, reviews
from presswatch.model import Record
from presswatch.watches.safe_text import single_line
from presswatch.web.articles.article_page import no_article
from presswatch.web.asking import Asked
from presswatch.web.paging import part

_LONGEST_REASON = 1_000
_ON_A_PAGE = 50
# Mails that are listed by name.
_LISTED = 20


def ask(asked: Asked) -> Response:
    """What would go with an article, and the form that removes it."""
    return _form(asked)


def remove(asked: Asked) -> Response:
    """Form fields `reason`, and `typed`, which has to be the article's id. Leads to what its address says."""
    id_, reason, typed = asked.request.path_params["article"], asked.value("reason"), asked.value("typed")
    fault, reason, words = "", single_line(reason), asked.words
    if not reason:
        fault = words.gettext("Say why it is removed, and on whose request. It is kept with the removal.")
    elif len(reason) > _LONGEST_REASON:
        fault = words.gettext("The reason has at most 1,000 characters.")
    elif typed.strip() != id_:
        fault = words.gettext("What you typed is not the id of this article, so nothing was removed.")
    if fault:
        return _form(asked, 400, fault)
    archive = asked.service.archive
    with archive.writing() as tx:
        # Whoever knows another of its addresses does not remove it by that: the id was typed.
        removed = removals.remove(tx, id_, reason, asked.service.now()) if articles.get(tx, id_) else None
        if removed is not None:
            asked.record(tx, "article.remove", removed.article, addresses=len(removed.addresses))
    if removed is None:
        return _form(asked)
    troubles = removals.delete_files(archive)
    if troubles:
        return asked.page("article_removal_troubles", 500, id=id_, troubles=troubles)
    return asked.go(f"/articles/{id_}")


def listing(asked: Asked) -> Response:
    """All that was removed, the latest first; `page` counts from 1."""
    with asked.service.archive.reading() as tx:
        found = removals.removals(tx)
    shown = part(found, asked.value("page"), _ON_A_PAGE)
    return asked.page("removals", part=shown, zone=asked.config.time_zone)


def _form(asked: Asked, status: int = 200, fault: str = "") -> Response:
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, asked.request.path_params["article"])
        if record is None:
            return no_article(asked, removals.removal_of(tx, asked.request.path_params["article"]))
        extent = removals.extent(tx, record.id)
    return asked.page(
        "article_removal",
        status,
        record=record,
        name=_name(record),
        extent=extent,
        of_review=any(mail.watch.startswith(reviews.watch_of("")) for mail in extent.sent),
        listed=_LISTED,
        reason=asked.form.get("reason", [""])[0],
        longest_reason=_LONGEST_REASON,
        fault=fault,
        zone=asked.config.time_zone,
    )


def _name(record: Record) -> str:
    return record.article.title or record.url
