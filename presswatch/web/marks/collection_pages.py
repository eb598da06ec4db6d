"""The collections: the list of them, one with its articles, and as a file."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import cast

from starlette.responses import Response, StreamingResponse

from presswatch.archive import Archive, articles, marks
from presswatch.archive.marks import Collection, MarkRefused, Outdated
from presswatch.document import document
from presswatch.model import Document
from presswatch.search.export import MEDIA_TYPES, NAMES, ExportFormat, file_ending, serialise
from presswatch.web.articles.article_page import source_names
from presswatch.web.asking import Asked
from presswatch.web.marks import mark_words
from presswatch.web.marks.mark_words import fault_said, who
from presswatch.web.paging import part

_ON_A_PAGE = 50
# Records that one transaction reads.
_BATCH = 200
_TAGS_SHOWN = 1_000
_Form = Mapping[str, object]


def listing(asked: Asked) -> Response:
    """All collections."""
    return _listing(asked)


def make(asked: Asked) -> Response:
    """Make a collection of this `name` and `description`."""
    name, description = asked.value("name"), asked.value("description")
    try:
        with asked.service.archive.writing() as tx:
            now = asked.service.now()
            number = marks.make_collection(tx, name, description, asked.reader.name, now)
            asked.record(tx, "collection.make", str(number), name=name)
    except MarkRefused as refused:
        return _listing(asked, fault_said(refused.fault, asked.words))
    return asked.go(f"/collections/{number}?done=collection")


def one(asked: Asked) -> Response:
    """A collection and its articles, the newest first; with `order` those first that were added last."""
    kept = _kept(asked)
    return _no_collection(asked) if kept is None else _shown(asked, kept)


def describe(asked: Asked) -> Response:
    """Give it another name or description. Where somebody else did so meanwhile both are shown."""
    kept = _kept(asked)
    if kept is None:
        return _no_collection(asked)
    name, description, given = asked.value("name"), asked.value("description"), asked.value("revision")
    revision = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    typed = {"name": name, "description": description}
    try:
        with asked.service.archive.writing() as tx:
            if marks.describe_collection(tx, kept.id, revision, name, description):
                asked.record(tx, "collection.describe", str(kept.id), name=name, before=kept.name)
    except Outdated:
        now = _kept(asked)
        return _no_collection(asked) if now is None else _shown(asked, now, 409, typed, is_outdated=True)
    except MarkRefused as refused:
        return _shown(asked, kept, 400, typed, fault=fault_said(refused.fault, asked.words))
    return asked.go(f"/collections/{kept.id}?done=described")


def take_out(asked: Asked) -> Response:
    """Take an `article` out of it."""
    kept, id_ = _kept(asked), asked.value("article")
    if kept is None:
        return _no_collection(asked)
    with asked.service.archive.writing() as tx:
        if marks.let_go(tx, kept.id, id_):
            asked.record(tx, "collection.take-out", str(kept.id), article=id_)
    return asked.go(f"/collections/{kept.id}?done=release")


def ask_removal(asked: Asked) -> Response:
    """Whether the collection is to be removed."""
    kept = _kept(asked)
    return _no_collection(asked) if kept is None else asked.page("collection_removal", kept=kept)


def remove(asked: Asked) -> Response:
    """Remove the collection, and none of its articles."""
    kept = _kept(asked)
    if kept is None:
        return _no_collection(asked)
    with asked.service.archive.writing() as tx:
        if marks.remove_collection(tx, kept.id):
            asked.record(tx, "collection.remove", str(kept.id), name=kept.name, articles=kept.articles)
    return asked.go("/collections?done=collection-removed")


def export(asked: Asked) -> Response:
    """Its articles, the newest first, as a file of one of `MEDIA_TYPES`."""
    form, kept = asked.request.path_params["form"], _kept(asked)
    if kept is None or form not in MEDIA_TYPES:
        return _no_collection(asked)
    form = cast("ExportFormat", form)
    with asked.service.archive.reading() as tx:
        ids = [member.article for member in marks.newest_members(tx, kept.id)]
    found = _documents(asked.service.archive, ids)
    name = f"presswatch-collection-{kept.id}.{file_ending(form)}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-accel-buffering": "no"}
    pieces = serialise(found, form, kept.name, asked.service.now())
    return StreamingResponse(pieces, 200, headers, media_type=MEDIA_TYPES[form])


def tags(asked: Asked) -> Response:
    """All tags that analysts gave, each leading to its articles."""
    with asked.service.archive.reading() as tx:
        used = marks.tags(tx, _TAGS_SHOWN + 1)
    done = mark_words.done(asked.value("done"), asked.words)
    return asked.page("tags", done=done, used=used[:_TAGS_SHOWN], are_more=len(used) > _TAGS_SHOWN)


def change_tag(asked: Asked) -> Response:
    """Rename the tag `name` to `to`, or take it off all articles, as `do` says."""
    name, to, is_removed = asked.value("name"), asked.value("to"), asked.value("do") == "remove"
    try:
        with asked.service.archive.writing() as tx:
            changed = marks.drop_tag(tx, name) if is_removed else marks.rename_tag(tx, name, to)
            if changed and is_removed:
                asked.record(tx, "tag.remove", name, articles=changed)
            elif changed:
                asked.record(tx, "tag.rename", name, to=to, articles=changed)
    except MarkRefused as refused:
        return asked.message(400, fault_said(refused.fault, asked.words))
    return asked.go(f"/tags?done={('tag-removed' if is_removed else 'tag-renamed') if changed else 'no-tag'}")


def _listing(asked: Asked, fault: str = "") -> Response:
    with asked.service.archive.reading() as tx:
        found = marks.collections(tx)
    return asked.page(
        "collections",
        400 if fault else 200,
        collections=found,
        done=mark_words.done(asked.value("done"), asked.words),
        who=partial(who, words=asked.words),
        fault=fault,
        name=asked.value("name"),
        description=asked.value("description"),
        longest=(marks.LONGEST_NAME, marks.LONGEST_DESCRIPTION),
        zone=asked.config.time_zone,
    )


def _shown(
    asked: Asked,
    kept: Collection,
    status: int = 200,
    typed: _Form | None = None,
    *,
    fault: str = "",
    is_outdated: bool = False,
) -> Response:
    """`typed` is what stands in the form instead of what is kept."""
    by_added = asked.value("order") == "added"
    with asked.service.archive.reading() as tx:
        held = marks.members(tx, kept.id) if by_added else marks.newest_members(tx, kept.id)
        members = part(held, asked.value("page"), _ON_A_PAGE)
        ids = [member.article for member in members.rows]
        records, put = {record.id: record for record in articles.records(tx, ids)}, marks.on(tx, ids)
    items = [
        (records[member.article], put[member.article], member)
        for member in members.rows
        if member.article in records
    ]
    return asked.page(
        "collection",
        status,
        kept=kept,
        done="" if fault or is_outdated else mark_words.done(asked.value("done"), asked.words),
        items=items,
        who=partial(who, words=asked.words),
        part=members,
        by_added=by_added,
        typed=typed or {"name": kept.name, "description": kept.description},
        fault=fault,
        is_outdated=is_outdated,
        forms=NAMES,
        longest=(marks.LONGEST_NAME, marks.LONGEST_DESCRIPTION),
        names=source_names(asked.config),
        zone=asked.config.time_zone,
    )


def _documents(archive: Archive, ids: list[str]) -> Iterator[Document]:
    for start in range(0, len(ids), _BATCH):
        with archive.reading() as tx:
            found = articles.records(tx, ids[start : start + _BATCH])
        yield from map(document, found)


def _kept(asked: Asked) -> Collection | None:
    given = asked.request.path_params["collection"]
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else 0
    with asked.service.archive.reading() as tx:
        return marks.find_collection(tx, number)


def _no_collection(asked: Asked) -> Response:
    return asked.message(404, asked.words.gettext("There is no such collection. It may have been removed."))
