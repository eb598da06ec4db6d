"""Drafts of press reviews' issues: what editors decided of the coming one, and what became of earlier ones.

A review has one draft at a time that is not sent. It is there from the first decision, and every decision is
kept at once, under a version that grows. Of what nobody decided nothing stands here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, update

from presswatch.archive.tables import Finish, Verdict, review_act, review_draft, review_item
from presswatch.archive.tables import article as archived
from presswatch.archive.upsert import insert


@dataclass(frozen=True, slots=True)
class Item:
    """What was decided of an article, which stands for its story, when it was in this revision."""

    article: str
    verdict: Verdict
    section: str
    annotation: str
    revision: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue that editors work on, or worked on: then `digest` is the number of its mail.

    `looked` is the newest match that they have seen, at `looked_at`. `finish` is None while it is edited.
    `slot` is the hour that it leaves at or takes the place of, None of an extra one and while it is edited.
    `removed` of its articles are gone from the archive. `items` are in the order of the issue. Times are UTC;
    names are "" for whoever sits at this machine.
    """

    id: int
    review: str
    version: int
    foreword: str
    begun: datetime
    changed: datetime
    changed_by: str
    looked: int
    looked_at: datetime
    finish: Finish | None
    finished: datetime | None
    finished_by: str
    slot: datetime | None
    removed: int
    digest: int | None
    items: tuple[Item, ...]

    @property
    def taken(self) -> list[Item]:
        return [one for one in self.items if one.verdict is Verdict.TAKEN]

    def item(self, article: str) -> Item | None:
        return next((one for one in self.items if one.article == article), None)

    @property
    def is_whole(self) -> bool:
        """Whether an editor said that it is what is sent, and nothing else."""
        return self.finish not in (None, Finish.LEFT)


class Act(NamedTuple):
    """A change: `did` is a word of `Desk`, `article` an id or ""."""

    version: int
    at: datetime
    by: str
    did: str
    article: str


def coming(tx: Connection, review: str) -> Draft | None:
    """The draft of a review that is not sent: the oldest, as one whose mail was taken back comes first."""
    mine = and_(review_draft.c.review == review, review_draft.c.digest.is_(None))
    row = tx.execute(select(review_draft).where(mine).order_by(review_draft.c.id).limit(1)).first()
    return None if row is None else _draft(tx, row)


def get(tx: Connection, id_: int) -> Draft | None:
    """The draft with this id."""
    row = tx.execute(select(review_draft).where(review_draft.c.id == id_)).first()
    return None if row is None else _draft(tx, row)


def of_mail(tx: Connection, number: int) -> Draft | None:
    """The draft that the mail with this number was made of."""
    row = tx.execute(select(review_draft).where(review_draft.c.digest == number)).first()
    return None if row is None else _draft(tx, row)


def acts(tx: Connection, id_: int, after: int, upto: int) -> list[Act]:
    """What was changed in a draft after a version, until another."""
    mine = and_(review_act.c.draft == id_, review_act.c.version > after, review_act.c.version <= upto)
    columns = (review_act.c.version, review_act.c.at, review_act.c.by, review_act.c.did, review_act.c.article)
    return [Act(*row) for row in tx.execute(select(*columns).where(mine).order_by(review_act.c.version))]


def is_replaced(tx: Connection, review: str, slot: datetime) -> bool:
    """Whether an issue that was sent ahead of this hour took its place."""
    mine = and_(review_draft.c.review == review, review_draft.c.slot == slot)
    made = and_(review_draft.c.digest.is_not(None), review_draft.c.finish == Finish.NOW)
    return tx.execute(select(review_draft.c.id).where(mine, made).limit(1)).first() is not None


class Desk:
    """An editor's hand on the coming issue of a review, in a writing transaction.

    The draft is begun by the first change. Each change is kept with who made it.
    """

    def __init__(
        self, tx: Connection, review: str, by: str, now: datetime, seen: tuple[int, datetime]
    ) -> None:
        """`seen` is the newest match that the editor has been shown, and when."""
        self._tx, self._by, self._now, self._seen = tx, by, now, seen
        self._review = review
        found = coming(tx, review)
        self._id = None if found is None else found.id

    def decide(self, article: str, verdict: Verdict, section: str, revision: int) -> None:
        """Take a story into a section, at its end, or leave it out; an annotation that it has stays."""
        id_ = self._change("take" if verdict is Verdict.TAKEN else "leave out", article)
        last = select(func.coalesce(func.max(review_item.c.position), 0)).where(
            review_item.c.draft == id_, review_item.c.section == section
        )
        said = {"verdict": verdict, "section": section, "revision": revision}
        said["position"] = self._tx.execute(last).scalar_one() + 1
        row = insert(review_item).values(draft=id_, article=article, annotation="", **said)
        kept = row.on_conflict_do_update(index_elements=["draft", "article"], set_=said)
        self._tx.execute(kept)

    def undo(self, article: str) -> None:
        """Have it be undecided; one that has an annotation keeps both."""
        id_ = self._change("undecide", article)
        self._tx.execute(delete(review_item).where(_is(id_, article), review_item.c.annotation == ""))

    def move(self, article: str, steps: int) -> None:
        """Move a story up (-1) or down (1) within its section, as far as there is room."""
        id_ = self._change("up" if steps < 0 else "down", article)
        section = select(review_item.c.section).where(_is(id_, article)).scalar_subquery()
        taken = and_(review_item.c.verdict == Verdict.TAKEN, review_item.c.section == section)
        mine = select(review_item.c.article).where(review_item.c.draft == id_, taken)
        order = list(self._tx.execute(mine.order_by(review_item.c.position, review_item.c.article)).scalars())
        if article not in order:
            return
        place = order.index(article)
        order.insert(max(place + steps, 0), order.pop(place))
        for position, one in enumerate(order, 1):
            self._tx.execute(update(review_item).where(_is(id_, one)).values(position=position))

    def annotate(self, article: str, text: str) -> None:
        """What the issue says beside this article."""
        id_ = self._change("annotate", article)
        self._tx.execute(update(review_item).where(_is(id_, article)).values(annotation=text))

    def foreword(self, text: str) -> None:
        """What stands at the head of the issue."""
        id_ = self._change("foreword")
        self._tx.execute(update(review_draft).where(review_draft.c.id == id_).values(foreword=text))

    def look(self) -> None:
        """What the editor has been shown is new to nobody any more."""
        id_ = self._change("look")
        looked = {"looked": self._seen[0], "looked_at": self._seen[1]}
        mine = and_(review_draft.c.id == id_, review_draft.c.looked < self._seen[0])
        self._tx.execute(update(review_draft).where(mine).values(**looked))

    def finish(self, how: Finish, slot: datetime | None) -> None:
        """Nothing is added any more: it is sent as it is, with what was found until the editor looked."""
        id_ = self._change("finish")
        done = {"finish": how, "finished": self._now, "finished_by": self._by, "slot": slot}
        looked = {"looked": self._seen[0], "looked_at": self._seen[1]}
        self._tx.execute(update(review_draft).where(review_draft.c.id == id_).values(**done, **looked))

    def take_back(self) -> None:
        """Go on editing what was finished and is not sent."""
        id_ = self._change("take back")
        open_again = {"finish": "", "finished": None, "finished_by": "", "slot": None}
        self._tx.execute(update(review_draft).where(review_draft.c.id == id_).values(**open_again))

    def _change(self, did: str, article: str = "") -> int:
        """Count a change, and keep who made it; the draft's id."""
        if self._id is None:
            self._id = self._begin()
        grown = update(review_draft).where(review_draft.c.id == self._id)
        by = {"changed": self._now, "changed_by": self._by}
        counted = grown.values(version=review_draft.c.version + 1, **by).returning(review_draft.c.version)
        version = self._tx.execute(counted).scalar_one()
        act = {"at": self._now, "by": self._by, "did": did, "article": article}
        self._tx.execute(insert(review_act).values(draft=self._id, version=version, **act))
        return self._id

    def _begin(self) -> int:
        row = insert(review_draft).values(
            review=self._review,
            version=0,
            begun=self._now,
            changed=self._now,
            changed_by=self._by,
            looked=self._seen[0],
            looked_at=self._seen[1],
        )
        return int(self._tx.execute(row.returning(review_draft.c.id)).scalar_one())


def leave(tx: Connection, draft: Draft, slot: datetime, now: datetime) -> None:
    """Its hour has come while it was not finished: nobody changes it any more."""
    mine = and_(review_draft.c.id == draft.id, review_draft.c.version == draft.version)
    left = {"finish": Finish.LEFT, "finished": now, "slot": slot, "version": draft.version + 1}
    if tx.execute(update(review_draft).where(mine).values(**left)).rowcount:
        act = {"at": now, "by": "", "did": "leave", "version": draft.version + 1}
        tx.execute(insert(review_act).values(draft=draft.id, **act))


def is_still(tx: Connection, review: str, draft: Draft | None) -> bool:
    """Whether the coming issue is as it was read; None: nobody had begun one."""
    found = coming(tx, review)
    if draft is None or found is None:
        return found is draft
    return (found.id, found.version) == (draft.id, draft.version)


def keep_sent(tx: Connection, id_: int, number: int, slot: datetime | None) -> None:
    """The mail with this number is what became of it; `slot` as in `Draft`."""
    made = {"digest": number, "slot": slot}
    tx.execute(update(review_draft).where(review_draft.c.id == id_).values(**made))


def reopen(tx: Connection, number: int) -> None:
    """The mail that was made of it is taken back, to be made again."""
    mine = review_draft.c.digest == number
    again = {"digest": None, "version": review_draft.c.version + 1}
    tx.execute(update(review_draft).where(mine).values(**again))


def redact(tx: Connection, number: int) -> None:
    """The text of its mail was removed on request, and all that editors wrote goes with it."""
    mine = select(review_draft.c.id).where(review_draft.c.digest == number)
    tx.execute(update(review_draft).where(review_draft.c.digest == number).values(foreword=""))
    tx.execute(update(review_item).where(review_item.c.draft.in_(mine)).values(annotation=""))


def forget_article(tx: Connection, article: str) -> None:
    """An article is gone: so is what was decided and written of it."""
    concerned = select(review_item.c.draft).where(review_item.c.article == article)
    gone = {"removed": review_draft.c.removed + 1, "version": review_draft.c.version + 1}
    of_open = and_(review_draft.c.id.in_(concerned), review_draft.c.digest.is_(None))
    tx.execute(update(review_draft).where(of_open).values(**gone))
    tx.execute(delete(review_item).where(review_item.c.article == article))


def is_decided() -> ColumnElement[bool]:
    """Of the articles of a statement, those on which an issue that did not leave yet decided something."""
    of_open = select(review_item.c.article).join(review_draft, review_item.c.draft == review_draft.c.id)
    return of_open.where(review_item.c.article == archived.c.id, review_draft.c.digest.is_(None)).exists()


def _is(draft: int, article: str) -> ColumnElement[bool]:
    return and_(review_item.c.draft == draft, review_item.c.article == article)


def _draft(tx: Connection, row: Row[tuple[object, ...]]) -> Draft:
    mine = select(review_item).where(review_item.c.draft == row.id)
    items = tuple(
        Item(one.article, Verdict(one.verdict), one.section, one.annotation, one.revision)
        for one in tx.execute(
            mine.order_by(review_item.c.section, review_item.c.position, review_item.c.article)
        )
    )
    return Draft(
        id=row.id,
        review=row.review,
        version=row.version,
        foreword=row.foreword,
        begun=row.begun,
        changed=row.changed,
        changed_by=row.changed_by,
        looked=row.looked,
        looked_at=row.looked_at,
        finish=Finish(row.finish) if row.finish else None,
        finished=row.finished,
        finished_by=row.finished_by,
        slot=row.slot,
        removed=row.removed,
        digest=row.digest,
        items=items,
    )
