"""What the pages ask of the daemon: kept until it is answered, once, whatever becomes of the daemon.

Only the daemon takes and answers, each kind in one step of its own. So what is found taken when that step
looks was taken by a daemon that died, and is taken again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from presswatch.archive.tables import RequestKind, RequestState, request
from presswatch.archive.upsert import insert
from presswatch.errors import UsageError

# So many of a kind may wait: a look at a site takes a minute or two.
MOST_WAITING: Mapping[RequestKind, int] = {
    RequestKind.RUN_NOW: 200,
    RequestKind.PROBE: 5,
    RequestKind.IMPORT: 3,
    RequestKind.HEAL: 20,
}
# One that daemons died of so often is given up.
MOST_TAKES = 3

_OPEN = (RequestState.WAITING, RequestState.TAKEN)


@dataclass(frozen=True, slots=True)
class Request:
    """`subject` is a source's id, a site's address or the hash of a list; `asked_by` a reader's name, "" at
    this machine.

    `answer` is JSON by the step that answered, "" before that; `takes` is how often it was begun.
    """

    id: int
    kind: RequestKind
    subject: str
    asked_by: str
    asked_at: datetime
    state: RequestState
    takes: int
    answer: str
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN


def ask(tx: Connection, kind: RequestKind, subject: str, asked_by: str, now: datetime) -> int:
    """Ask the daemon; the request's id, that of the same one where it waits already.

    Raises UsageError when too many wait.
    """
    mine = and_(request.c.kind == kind, request.c.state.in_(_OPEN))
    same = tx.execute(select(request.c.id).where(mine, request.c.subject == subject)).scalar()
    if same is not None:
        return int(same)
    waiting = tx.execute(select(func.count()).where(mine)).scalar_one()
    if waiting >= MOST_WAITING[kind]:
        raise UsageError(f"{waiting} such requests wait for the daemon already; ask again when it is done")
    row = {"kind": kind, "subject": subject, "asked_by": asked_by, "asked_at": now}
    made = insert(request).values(**row, state=RequestState.WAITING).returning(request.c.id)
    return int(tx.execute(made).scalar_one())


def get(tx: Connection, id_: int) -> Request | None:
    """The request with this id."""
    row = tx.execute(select(request).where(request.c.id == id_)).one_or_none()
    return None if row is None else _request(row)


def latest(tx: Connection, kind: RequestKind, subject: str | None = None, limit: int = 1) -> list[Request]:
    """What was asked last (about one subject), the newest first."""
    chosen = select(request).where(request.c.kind == kind).order_by(request.c.id.desc()).limit(limit)
    if subject is not None:
        chosen = chosen.where(request.c.subject == subject)
    return [_request(row) for row in tx.execute(chosen)]


def unanswered(tx: Connection, kind: RequestKind) -> list[Request]:
    """What is yet to be answered, the oldest first."""
    mine = select(request).where(request.c.state.in_(_OPEN), request.c.kind == kind)
    return [_request(row) for row in tx.execute(mine.order_by(request.c.id))]


def are_new(tx: Connection) -> bool:
    """Whether any request waits that nobody has begun with."""
    mine = select(request.c.id).where(request.c.state == RequestState.WAITING).limit(1)
    return tx.execute(mine).first() is not None


def take(tx: Connection, id_: int) -> None:
    """Note that it is at work."""
    taken = {"state": RequestState.TAKEN, "takes": request.c.takes + 1}
    tx.execute(update(request).where(request.c.id == id_, request.c.state.in_(_OPEN)).values(**taken))


def give_back(tx: Connection, id_: int) -> None:
    """As if it had not been taken: the daemon was asked to stop."""
    back = {"state": RequestState.WAITING, "takes": request.c.takes - 1}
    mine = and_(request.c.id == id_, request.c.state == RequestState.TAKEN)
    tx.execute(update(request).where(mine).values(**back))


def answer(tx: Connection, id_: int, said: str, now: datetime, *, failed: bool = False) -> bool:
    """Keep the answer (JSON); False, and nothing is changed, when it has one already."""
    state = RequestState.FAILED if failed else RequestState.ANSWERED
    mine = and_(request.c.id == id_, request.c.state.in_(_OPEN))
    values = {"state": state, "answer": said, "answered_at": now}
    return bool(tx.execute(update(request).where(mine).values(**values)).rowcount)


def forget(tx: Connection, before: datetime) -> int:
    """Delete what was answered before then; how many."""
    return tx.execute(delete(request).where(request.c.answered_at < before)).rowcount


def _request(row: Row[tuple[object, ...]]) -> Request:
    return Request(
        id=row.id,
        kind=RequestKind(row.kind),
        subject=row.subject,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=RequestState(row.state),
        takes=row.takes,
        answer=row.answer,
        answered_at=row.answered_at,
    )
