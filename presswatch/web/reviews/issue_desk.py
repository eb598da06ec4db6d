"""The desk: the coming issue of a press review, which editors make of what was found, and send.

Each press of a button is kept at once, and with it all that was typed. The page says which version it shows,
so that two editors neither undo nor overlook what the other did.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from presswatch import lock
from presswatch.archive import articles, drafts, reviews
from presswatch.archive.drafts import Act, Desk, Draft
from presswatch.archive.tables import Finish, Verdict
from presswatch.config import Review
from presswatch.errors import UsageError
from presswatch.model import Record
from presswatch.visible import typed_text
from presswatch.watches.arrangement import Coming, Placed, Section, candidates, coming_issue
from presswatch.watches.audience import Audience
from presswatch.watches.review import ReviewContent, issue_content, passage_of, render_review, review_page
from presswatch.web.asking import Asked
from presswatch.web.reviews.review_pages import (
    MAIL_POLICY,
    as_pdf,
    draft_state,
    known,
    no_review,
    who,
    zone_of,
)

LONGEST_FOREWORD, LONGEST_ANNOTATION = 10_000, 4_000
_FOREWORD = "foreword"


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What an editor typed that could not be kept, `theirs` that stands there now, and why."""

    typed: str
    theirs: str
    why: str


@dataclass(slots=True)
class _Sheet:
    """What the desk says of what was asked: `unsaved` texts by article, the foreword by its name."""

    said: str = ""
    unsaved: dict[str, Unsaved] = field(default_factory=dict)
    sent: int | None = None
    acts: Sequence[Act] = ()

    @property
    def status(self) -> int:
        return 409 if self.said or self.unsaved else 200


@dataclass(frozen=True, slots=True)
class _Table:
    """What lies on the desk: the coming issue, its candidates, and the newest match that was looked at."""

    issue: Coming
    sections: Sequence[Section]
    records: Mapping[str, Record]
    newest: int

    def placed(self) -> Iterable[tuple[Section, Placed]]:
        for section in self.sections:
            for one in (*section.taken, *section.undecided, *section.left_out):
                yield section, one


def desk(asked: Asked) -> Response:
    """The coming issue with its candidates; `from` and `to` are versions between which another changed it."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    with asked.service.archive.reading() as tx:
        table = _table(tx, asked, review)
        draft = table.issue.draft
        acts = drafts.acts(tx, draft.id, _number(asked, "from"), _number(asked, "to")) if draft else []
    return _page(asked, review, table, _Sheet(acts=acts))


def change(asked: Asked) -> Response:
    """Keep what was typed, and what the pressed button says."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    here = f"/reviews/{review.id}"
    if "seen" not in asked.form:
        # Not what our form sends.
        return asked.go(f"{here}/edit")
    with asked.service.archive.writing() as tx:
        before = _table(tx, asked, review)
        sheet, place = _changed(tx, asked, review, before)
        seen, draft = _number(asked, "seen"), before.issue.draft
        if draft is not None and draft.id == _number(asked, "draft"):
            sheet.acts = drafts.acts(tx, draft.id, seen, draft.version)
    if sheet.status != 200:
        with asked.service.archive.reading() as tx:
            table = _table(tx, asked, review)
        return _page(asked, review, table, sheet)
    if "preview" in asked.form:
        return asked.go(f"{here}/preview")
    told = {"from": seen, "to": draft.version} if draft is not None and draft.version > seen else {}
    marked = [] if place.startswith("marked") else [("mark", one) for one in asked.form.get("mark", ())]
    query = urlencode([*told.items(), *marked])
    return asked.go(f"{here}/edit{'?' if query else ''}{query}#{place.removeprefix('marked ')}")


def preview(asked: Asked) -> Response:
    """What would be sent of the issue as it is, and the buttons that send it."""
    review = known(asked)
    return no_review(asked) if review is None else _preview(asked, review)


def preview_mail(asked: Asked) -> Response:
    """The mail as it would look, for a frame that nothing leaves."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    made = render_review(_content(asked, review), _audience(asked, review))
    return HTMLResponse(made.html, headers={"content-security-policy": MAIL_POLICY})


def preview_pdf(asked: Asked) -> Response:
    """The document as it would look on paper."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    return as_pdf(asked, review.id, review_page(_content(asked, review), _audience(asked, review)))


def send(asked: Asked) -> Response:
    """Finish the issue: for its hour, or to be sent now. Only as it was seen, and once."""
    review = known(asked)
    if review is None:
        return no_review(asked)
    now = asked.service.now()
    hows = {how.value: how for how in (Finish.HOUR, Finish.NOW, Finish.EXTRA)}
    how = hows.get(asked.value("how"))
    if how is None:
        return asked.go(f"/reviews/{review.id}/preview")
    with asked.service.archive.writing() as tx:
        issue = coming_issue(tx, review, now)
        said = _hindrance(asked, review, issue)
        if not said:
            slot = None if how is Finish.EXTRA else issue.slot
            Desk(tx, review.id, asked.reader.name, now, _seen(tx, asked)).finish(how, slot)
            asked.record(tx, "review.finish", review.id, how=how, slot=slot, version=_number(asked, "seen"))
    if said:
        return _preview(asked, review, said)
    return asked.go(f"/reviews/{review.id}")


def _hindrance(asked: Asked, review: Review, issue: Coming) -> str:
    """Why the issue is not to be sent as it was asked; "" where it is."""
    draft, words = issue.draft, asked.words
    if not review.enabled or not review.recipients:
        return words.gettext("This review is switched off or has no recipients, so nothing can be sent.")
    if draft is None or str(draft.id) != asked.value("draft"):
        return words.gettext("The issue that you looked at was sent meanwhile. This is the next one.")
    if draft.finish is not None:
        return draft_state(draft, words)
    if draft.version != _number(asked, "seen"):
        return words.gettext(
            "%(name)s changed it after you looked. This is how it is now; send it if it is right.",
            name=who(draft.changed_by, words),
        )
    if issue.slot.isoformat() != asked.value("slot"):
        return words.gettext("Its hour has changed since you looked. Send it if it is right as it is.")
    return ""


def _changed(tx: Connection, asked: Asked, review: Review, table: _Table) -> tuple[_Sheet, str]:
    """Make the change; what to say, and the place of the page to go on at."""
    draft, words = table.issue.draft, asked.words
    mine = _number(asked, "draft")
    typed = _typed(asked, draft)
    if mine and (draft is None or draft.id != mine):
        other = drafts.get(tx, mine)
        said = words.gettext("This issue was sent while you worked on it, so your last change came too late.")
        unsaved = {name: Unsaved(text, "", "") for name, text in typed.items()}
        return _Sheet(said, unsaved, other.digest if other else None), ""
    desk = Desk(tx, review.id, asked.reader.name, asked.service.now(), _seen(tx, asked))
    done: list[str] = []
    if draft is not None and draft.finish is not None:
        if "take-back" not in asked.form or draft.finish is Finish.LEFT:
            unsaved = {name: Unsaved(text, "", "") for name, text in typed.items()}
            return _Sheet(draft_state(draft, words), unsaved), ""
        desk.take_back()
        done.append("take back")
    unsaved = {}
    for name, text in typed.items():
        refused = _refused(asked, draft, name, text)
        if refused:
            unsaved[name] = refused
        elif name == _FOREWORD:
            desk.foreword(text)
            done.append(name)
        else:
            desk.annotate(name, text)
            done.append(f"annotate {name}")
    said, place = _act(tx, asked, table, desk, done)
    if done:
        asked.record(tx, "review.edit", review.id, acts=done)
    return _Sheet(said, unsaved), place


def _act(tx: Connection, asked: Asked, table: _Table, desk: Desk, done: list[str]) -> tuple[str, str]:
    """Do what the pressed button says; what keeps it from being done, and the place to go on at."""
    words, form = asked.words, asked.form
    where = {one.article: (section, one) for section, one in table.placed()}

    def decide(ids: Iterable[str], verdict: Verdict, into: str = "") -> None:
        for id_ in ids:
            section, one = where[id_]
            name = into or section.name
            stays = one.item and one.item.verdict is verdict and one.item.section == name
            if not stays and id_ in table.records:
                desk.decide(id_, verdict, name, table.records[id_].revision)
                done.append(f"{'take' if verdict is Verdict.TAKEN else 'leave out'} {id_}")

    marked = [one for one in form.get("mark", ()) if one in where]
    listed = set(form.get("shown", ()))
    if "take-marked" in form or "leave-marked" in form:
        decide(marked, Verdict.TAKEN if "take-marked" in form else Verdict.LEFT_OUT)
        return "", "marked desk"
    for button, verdict in (("take-all", Verdict.TAKEN), ("leave-all", Verdict.LEFT_OUT)):
        if name := asked.value(button):
            chosen = [one for section in table.sections if section.name == name for one in section.undecided]
            decide([one.article for one in chosen if one.article in listed], verdict)
            return "", _anchor(table, name)
    if "look" in form:
        desk.look()
        done.append("look")
        return "", "desk"
    # Enter in its field presses the form's first button, which saves.
    if asked.value("url").strip() and ("add" in form or "save" in form):
        return _add(tx, asked, desk, done, table.sections)
    moved = next((name for name in form if name.startswith("to:")), "to:")
    buttons = (name for name in ("take", "leave", "undo", "up", "down") if asked.value(name))
    button = next(buttons, moved)
    id_ = moved.removeprefix("to:") if button == moved else asked.value(button)
    if not id_:
        return "", "desk"
    if id_ not in where:
        return words.gettext("This story is not among the candidates any more."), ""
    if button in ("up", "down"):
        desk.move(id_, -1 if button == "up" else 1)
        done.append(f"{button} {id_}")
        return "", f"i-{id_}"
    if button == "undo":
        desk.undo(id_)
        done.append(f"undecide {id_}")
    elif button in ("take", "leave"):
        decide([id_], Verdict.TAKEN if button == "take" else Verdict.LEFT_OUT)
    elif asked.value(moved) in {section.name for section in table.sections}:
        decide([id_], Verdict.TAKEN, asked.value(moved))
    return "", _next(table, id_)


def _add(
    tx: Connection, asked: Asked, desk: Desk, done: list[str], sections: Sequence[Section]
) -> tuple[str, str]:
    """Take an article of the archive, whether or not a watch of the review found it."""
    given, words = asked.value("url").strip(), asked.words
    # Its page here ends with its id.
    page = given.partition("?")[0].rstrip("/").rpartition("/")[2]
    record = articles.get(tx, given) or articles.get(tx, page)
    section = next((one.name for one in sections if one.name == asked.value("section")), sections[0].name)
    if record is None:
        return words.gettext(
            "The archive has no article at this address: %(url)s", url=words.isolated(given)
        ), ""
    if record.id not in {one.article for section in sections for one in section.taken}:
        desk.decide(record.id, Verdict.TAKEN, section, record.revision)
        done.append(f"take {record.id}")
    return "", f"i-{record.id}"


def _typed(asked: Asked, draft: Draft | None) -> dict[str, str]:
    """The texts that were changed in the form, by their names, as they are kept."""
    found = {}
    for name in asked.form:
        if name == _FOREWORD or name.startswith("note-"):
            text = typed_text(asked.value(name))
            key = name.removeprefix("note-")
            # What stands there already needs no keeping.
            if fingerprint(text) != asked.value(f"was-{key}") and text != _standing(draft, key):
                found[key] = text
    return found


def _standing(draft: Draft | None, name: str) -> str | None:
    """The text that is kept under a name; None where nothing can be."""
    if name == _FOREWORD:
        return draft.foreword if draft else ""
    item = draft.item(name) if draft else None
    return item.annotation if item else None


def _refused(asked: Asked, draft: Draft | None, name: str, text: str) -> Unsaved | None:
    """Why a text is not kept: another wrote there meanwhile, or it is too long."""
    words, theirs = asked.words, _standing(draft, name)
    most = LONGEST_FOREWORD if name == _FOREWORD else LONGEST_ANNOTATION
    if theirs is None:
        return Unsaved(text, "", words.gettext("Its article is not in this issue any more."))
    if fingerprint(theirs) != asked.value(f"was-{name}"):
        changed = words.gettext("Another wrote here while you did. Save to have yours take its place.")
        return Unsaved(text, theirs, changed)
    if len(text) > most:
        long = words.ngettext(
            "It has more than %(num)s character.", "It has more than %(num)s characters.", most
        )
        return Unsaved(text, theirs, long)
    return None


def fingerprint(text: str) -> str:
    """By which a form says what a text was when it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _seen(tx: Connection, asked: Asked) -> tuple[int, datetime]:
    """The newest match that the page had, and when it was made; never more than there is."""
    now = asked.service.now()
    try:
        at = datetime.fromisoformat(asked.value("looked_at"))
    except ValueError:
        raise UsageError("looked_at is no time") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(_number(asked, "looked"), reviews.newest_match(tx)), min(at, now)


def _number(asked: Asked, name: str) -> int:
    said = asked.value(name)
    return int(said) if said.isdecimal() and len(said) < 16 else 0


def _table(tx: Connection, asked: Asked, review: Review) -> _Table:
    now = asked.service.now()
    issue = coming_issue(tx, review, now)
    newest = reviews.newest_match(tx)
    sections = candidates(tx, review, issue, max(issue.slot, now + now.resolution))
    ids = [
        one.article for section in sections for one in (*section.taken, *section.undecided, *section.left_out)
    ]
    records = {one.id: one for one in articles.records(tx, ids)}
    return _Table(issue, sections, records, newest)


def _next(table: _Table, id_: str) -> str:
    """Where to go on after a decision: the next candidate, or the section's end."""
    for section in table.sections:
        order = [one.article for one in section.undecided]
        if id_ in order:
            rest = order[order.index(id_) + 1 :]
            return f"i-{rest[0]}" if rest else _anchor(table, section.name)
    return f"i-{id_}"


def _anchor(table: _Table, name: str) -> str:
    return f"s-{next((number for number, one in enumerate(table.sections, 1) if one.name == name), 1)}"


def _page(asked: Asked, review: Review, table: _Table, sheet: _Sheet) -> Response:
    draft, words = table.issue.draft, asked.words
    names = {source.id: source.name for source in asked.config.sources}
    with asked.service.archive.reading() as tx:
        about = {act.article for act in sheet.acts if act.article} | set(sheet.unsaved) - {_FOREWORD}
        known_ids = table.records.keys()
        titles = {one.id: one.article.title for one in articles.records(tx, list(about - known_ids))}
    titles |= {id_: record.article.title or record.url for id_, record in table.records.items()}
    here = {item.article for item in draft.items} | {_FOREWORD} if draft else {_FOREWORD}
    is_open = (draft is None or draft.finish is None) and sheet.sent is None
    return asked.page(
        "review_desk",
        sheet.status,
        review=review,
        issue=table.issue,
        draft=draft,
        sections=table.sections,
        records=table.records,
        looked=table.newest,
        looked_at=asked.service.now().isoformat(),
        sheet=sheet,
        # Of these there is no field on the page.
        homeless={
            name: one for name, one in sheet.unsaved.items() if name not in here or sheet.sent is not None
        },
        titles=titles,
        acts=[(act, _act_said(act, titles, asked)) for act in sheet.acts],
        marked=set(asked.parameters.get("mark", ())) | set(asked.form.get("mark", ())),
        counts={
            "taken": sum(len(one.taken) for one in table.sections),
            "undecided": sum(len(one.undecided) for one in table.sections),
            "new": sum(placed.is_new for one in table.sections for placed in one.undecided),
            "left": sum(len(one.left_out) for one in table.sections),
        },
        is_open=is_open,
        can_take_back=draft is not None and draft.finish not in (None, Finish.LEFT),
        state=draft_state(draft, words),
        passage=passage_of,
        names=names,
        print_of=fingerprint,
        longest=(LONGEST_FOREWORD, LONGEST_ANNOTATION),
        zone=zone_of(asked)(review),
    )


def _act_said(act: Act, titles: Mapping[str, str], asked: Asked) -> str:
    """What somebody changed, in a sentence."""
    words = asked.words
    title = words.isolated(titles.get(act.article) or act.article)
    name = who(act.by, words)
    said = {
        "take": words.gettext("%(name)s took “%(title)s”", name=name, title=title),
        "leave out": words.gettext("%(name)s left out “%(title)s”", name=name, title=title),
        "undecide": words.gettext("%(name)s put “%(title)s” back", name=name, title=title),
        "up": words.gettext("%(name)s moved “%(title)s” up", name=name, title=title),
        "down": words.gettext("%(name)s moved “%(title)s” down", name=name, title=title),
        "annotate": words.gettext("%(name)s wrote beside “%(title)s”", name=name, title=title),
        "foreword": words.gettext("%(name)s wrote the foreword", name=name),
        "look": words.gettext("%(name)s looked through what is new", name=name),
        "finish": words.gettext("%(name)s finished it", name=name),
        "take back": words.gettext("%(name)s took it back to edit it", name=name),
        "leave": words.gettext("its hour came"),
    }
    return said[act.did]


def _preview(asked: Asked, review: Review, said: str = "") -> Response:
    with asked.service.archive.reading() as tx:
        table = _table(tx, asked, review)
    draft = table.issue.draft
    content = _content(asked, review)
    made = render_review(content, _audience(asked, review))
    undecided = [one for section in table.sections for one in section.undecided]
    return asked.page(
        "review_preview",
        409 if said else 200,
        review=review,
        issue=table.issue,
        draft=draft,
        said=said,
        state=draft_state(draft, asked.words),
        subject=made.subject,
        stories=len(content.stories),
        left_out=sum(len(one.left_out) for one in table.sections),
        undecided=undecided,
        records=table.records,
        looked=table.newest,
        looked_at=asked.service.now().isoformat(),
        recipients=len(review.recipients),
        can_send=draft is not None and draft.finish is None and review.enabled and bool(review.recipients),
        can_take_back=draft is not None and draft.finish not in (None, Finish.LEFT),
        daemon=lock.holder(asked.service.data) is not None,
        zone=zone_of(asked)(review),
    )


def _content(asked: Asked, review: Review) -> ReviewContent:
    """The issue as it would be sent now; of one that was begun what was taken, and nothing else."""
    now = asked.service.now()
    with asked.service.archive.reading() as tx:
        issue = coming_issue(tx, review, now)
        if issue.draft is not None and issue.draft.finish is None:
            whole = replace(issue.draft, finish=Finish.HOUR, looked_at=now)
            issue = replace(issue, draft=whole)
        return issue_content(tx, asked.config, review, issue, max(issue.slot, now + now.resolution))


def _audience(asked: Asked, review: Review) -> Audience:
    return Audience(review.language or asked.config.alerts.language, zone_of(asked)(review))
