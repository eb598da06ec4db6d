"""What editors do to marks: of one article, or of several hits of a search at once."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch.archive import articles, marks
from presswatch.archive.marks import MarkFault, MarkRefused, Note, Outdated
from presswatch.model import Record
from presswatch.web.articles.article_page import no_article
from presswatch.web.asking import Asked
from presswatch.web.marks.mark_words import fault_said, who
from presswatch.web.next_steps import Step
from presswatch.web.search.search_address import SearchAddress

# A page of hits has no more.
_AT_ONCE = 500


def mark(asked: Asked) -> Response:
    """Tag an article (`tags`), put it into a collection (`into`), or take either away, as `do` says."""
    id_ = asked.request.path_params["article"]
    if asked.value("do") == "note":
        return _write_note(asked, id_)
    with asked.service.archive.reading() as tx:
        is_there = bool(articles.records(tx, [id_]))
    if not is_there:
        return no_article(asked, None)
    try:
        done = _do(asked, [id_])
    except MarkRefused as refused:
        return _refused(asked, fault_said(refused.fault, asked.words), f"/articles/{id_}#marks")
    return asked.go(f"/articles/{id_}?done={done}#marks")


def mark_hits(asked: Asked) -> Response:
    """The same with the hits of a search that were `chosen`; then their search again, as it was."""
    chosen = list(dict.fromkeys(asked.form.get("chosen", ())))[:_AT_ONCE]
    address = SearchAddress.from_values(asked.form)
    if not chosen:
        back = Step(asked.words.gettext("The search, to choose some"), address.path())
        return asked.message(400, asked.words.gettext("Choose at least one article."), [back])
    try:
        done = _do(asked, chosen)
    except MarkRefused as refused:
        return _refused(asked, fault_said(refused.fault, asked.words), address.path())
    return asked.go(f"/search?{urlencode([*address.parameters, ('done', done)])}")


def _refused(asked: Asked, fault: str, back: str) -> Response:
    """Why articles were not marked, with what was typed, to be put right; `back` is where it was typed."""
    given = {name: values for name, values in asked.form.items() if name not in ("tags", "into", "do")}
    return asked.page(
        "not_marked",
        400,
        fault=fault,
        back=back,
        do=asked.value("do"),
        field="into" if asked.value("do") in ("collect", "release") else "tags",
        typed=asked.value("into" if asked.value("do") in ("collect", "release") else "tags"),
        path=asked.request.url.path,
        passed_on=[(name, value) for name, values in given.items() for value in values],
    )


def note(asked: Asked) -> Response:
    """A note, to be changed or removed."""
    record, kept = _noted(asked)
    if record is None or kept is None:
        return _no_note(asked)
    return _note_form(asked, record, kept.text, kept)


def change_note(asked: Asked) -> Response:
    """Write a note anew, or remove it. Where somebody else did so meanwhile both texts are shown."""
    text, given = asked.value("note"), asked.value("revision")
    revision = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    record, kept = _noted(asked)
    if record is None:
        return _no_note(asked)
    number = kept.id if kept else 0
    done = "note-removed" if asked.value("do") == "remove" else "note"
    try:
        with asked.service.archive.writing() as tx:
            if asked.value("do") == "remove":
                if marks.remove_note(tx, number, revision):
                    asked.record(tx, "note.remove", record.id, note=number)
            elif marks.change_note(tx, number, revision, text, asked.reader.name, asked.service.now()):
                asked.record(tx, "note.change", record.id, note=number)
    except Outdated:
        # As it is now: it was changed or removed since `_noted` read it, or long before.
        _record, kept = _noted(asked)
        return _note_form(asked, record, text, kept, is_outdated=True)
    except MarkRefused as refused:
        return _note_form(asked, record, text, kept, fault=fault_said(refused.fault, asked.words))
    return asked.go(f"/articles/{record.id}?done={done}#marks")


def _write_note(asked: Asked, id_: str) -> Response:
    text = asked.value("note")
    with asked.service.archive.reading() as tx:
        records = articles.records(tx, [id_])
    if not records:
        return no_article(asked, None)
    try:
        with asked.service.archive.writing() as tx:
            number = marks.add_note(tx, id_, text, asked.reader.name, asked.service.now())
            asked.record(tx, "note.write", id_, note=number)
    except MarkRefused as refused:
        return _note_form(asked, records[0], text, None, fault=fault_said(refused.fault, asked.words))
    return asked.go(f"/articles/{id_}?done=note#marks")


def _note_form(
    asked: Asked, record: Record, text: str, kept: Note | None, *, fault: str = "", is_outdated: bool = False
) -> Response:
    """A note's text in a form. `kept` is the note as it is, None for a new one or one that is gone."""
    return asked.page(
        "note",
        409 if is_outdated else 400 if fault else 200,
        record=record,
        text=text,
        kept=kept,
        fault=fault,
        is_outdated=is_outdated,
        who=partial(who, words=asked.words),
        longest=marks.LONGEST_NOTE,
        zone=asked.config.time_zone,
    )


def _noted(asked: Asked) -> tuple[Record | None, Note | None]:
    """The article of the address, and its note of that number."""
    id_, given = asked.request.path_params["article"], asked.request.path_params["note"]
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else 0
    with asked.service.archive.reading() as tx:
        records, kept = articles.records(tx, [id_]), marks.find_note(tx, number)
    is_its_own = kept is not None and kept.article == id_
    return (records[0] if records else None), (kept if is_its_own else None)


def _no_note(asked: Asked) -> Response:
    return asked.message(404, asked.words.gettext("There is no such note. It may have been removed."))


def _do(asked: Asked, ids: Sequence[str]) -> str:
    """Do what the form says with these articles, all or none, and say what. Raises MarkRefused."""
    acts: dict[str, Callable[[Asked, Connection, Sequence[str]], None]] = {
        "tag": _tag,
        "untag": _untag,
        "collect": _collect,
        "release": _let_go,
    }
    do = asked.value("do")
    if do == "tag" and not asked.value("tags").strip() and asked.value("into").strip():
        # The Enter key in the field of a collection presses the first button of the form of hits.
        do = "collect"
    act = acts.get(do)
    if act is None:
        return ""
    with asked.service.archive.writing() as tx:
        # Of hits, one may have been removed since they were shown.
        act(asked, tx, [record.id for record in articles.records(tx, ids)])
    return do


def _tag(asked: Asked, tx: Connection, ids: Sequence[str]) -> None:
    names, now = marks.tags_typed(asked.value("tags")), asked.service.now()
    if not names:
        raise MarkRefused(MarkFault.NO_TAG)
    for id_ in ids:
        for name in names:
            if marks.add_tag(tx, id_, name, asked.reader.name, now):
                asked.record(tx, "article.tag", id_, tag=name)


def _untag(asked: Asked, tx: Connection, ids: Sequence[str]) -> None:
    names = marks.tags_typed(asked.value("tags"))
    if not names:
        raise MarkRefused(MarkFault.NO_TAG)
    for id_ in ids:
        for name in names:
            if marks.remove_tag(tx, id_, name):
                asked.record(tx, "article.untag", id_, tag=name)


def _collect(asked: Asked, tx: Connection, ids: Sequence[str]) -> None:
    """Into the collection of the name `into`, which is made where there is none."""
    marks.collect_by_name(tx, asked.value("into"), ids, asked.reader.actor, asked.service.now())


def _let_go(asked: Asked, tx: Connection, ids: Sequence[str]) -> None:
    known = marks.collection_named(tx, asked.value("into"))
    if known is None:
        raise MarkRefused(MarkFault.NO_COLLECTION)
    for id_ in ids:
        if marks.let_go(tx, known.id, id_):
            asked.record(tx, "collection.take-out", str(known.id), article=id_)
