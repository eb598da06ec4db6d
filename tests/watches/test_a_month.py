"""A month of news with watches of every way of delivery: who is told of what, exactly once, and when."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, delete, select

from presswatch.archive import Archive, articles, frontier
from presswatch.archive.tables import digest, event, match, url
from presswatch.archive.tables import frontier as waits
from presswatch.archive.tables import watch as watch_table
from presswatch.config import Watch
from presswatch.errors import DeliveryError
from presswatch.model import Link, LinkKind
from presswatch.schedule import latest_slot
from presswatch.watches.rhythm import Rhythm
from support.alarm import SITE, Alarm, Postbox
from support.newsroom import FOLLOW, moment, story

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# How long it is from one look of the daemon to the next.
STEPS = (5 * MINUTE, 2 * HOUR, 2 * HOUR, 3 * HOUR)
# The zones change their clocks in it: Berlin on 29 March, New York on 8 March, Lord Howe on 5 April 2026.
BEGIN = datetime(2026, 3, 7, tzinfo=UTC)
DAYS = 31
# The SMTP server is down for two days.
OUTAGE = (BEGIN + 10 * DAY, BEGIN + 12 * DAY)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
WAYS: tuple[dict[str, object], ...] = (
    {},
    {"deliver": {"collect": "0s", "gap": "3h"}},
    {"deliver": {"every": "45m"}},
    {"deliver": {"cron": "30 2 * * *"}},
    {"deliver": {"cron": "0 8 * * 1-5"}},
    {"deliver": {"cron": "0 18 L * *"}},
    {"quiet": "20:00-07:00"},
    {"deliver": {"every": "1h"}, "quiet": "22:00-06:00", "at_most": "4 per day"},
    {"at_most": "2 per hour"},
    {"deliver": {"cron": "0 */2 * * *"}, "quiet": "12:00-14:00"},
)
# What some of them tell besides, by the number of their way.
TELLS: dict[int, dict[str, object]] = {
    0: {"edits": True},
    1: {"outlets": True},
    2: {"related": True},
    3: {"edits": True, "silence": "30h"},
    5: {"outlets": True, "related": True},
    6: {"edits": True, "matches": False},
    7: {"outlets": True, "matches": False},
    9: {"silence": "20h", "spikes": True},
}
WORDS = ("ferry", "radar", "council", "fog", "herring")


@dataclass
class Further:
    """Which articles of the month were edited or are gone, and which go with another one."""

    edited: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    # By the article, the one whose story it takes up, or that links to it.
    taken_up: dict[str, str] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def month(archive: Archive) -> Alarm:
    alarm = Alarm(archive, collect=2 * MINUTE, gap=10 * MINUTE)
    alarm.newsroom.now = BEGIN
    # Only what the test edits is read again.
    alarm.newsroom.follow = replace(FOLLOW, revisit=())
    # What the other outlet brings is news from the beginning.
    alarm.newsroom.finish_run(alarm.newsroom.start_run("herald", "https://herald.example"))
    for number in range(30):
        alarm.watches[f"w{number}"] = Watch.model_validate(
            {
                "id": f"w{number}",
                "name": f"Watch {number}",
                "query": " OR ".join(WORDS[number % 5 : number % 5 + 2]),
                "recipients": ["a@example.org", "b@example.org"][: 1 + number % 2],
                "time_zone": ZONES[number // 10],
                **WAYS[number % 10],
                "tells": TELLS.get(number % 10, {}),
            }
        )
    alarm.match()
    return alarm


def test_a_month_is_told_exactly(month: Alarm) -> None:
    draw = random.Random(20260307)
    box, rhythm = Postbox(), Rhythm()
    further = Further()
    while month.now < BEGIN + DAYS * DAY:
        # One week is quiet.
        if draw.random() < (0.7 if not BEGIN + 20 * DAY < month.now < BEGIN + 24 * DAY else 0):
            text = f"The {' '.join(draw.sample([*WORDS, *['quiet'] * 5], 2))} of the day."
            related = Link(f"{SITE}/related/{month.published}", LinkKind.RELATED, 0, "Further words")
            id_ = month.publish(
                text,
                published=moment(month.now - 30 * MINUTE),
                related=(related,) if draw.random() < 0.1 else (),
            )
            _keep_related(month, id_, further.linked)
            if draw.random() < 0.1:
                month.match()
                title = "A headline of the evening"
                further.edited.append(month.revise(text, title=title))
            elif draw.random() < 0.1:
                month.match()
                _take_up(month, id_, further.taken_up)
            elif draw.random() < 0.1:
                month.match()
                further.gone.append(_remove(month))
        else:
            month.newsroom.finish_run(month.newsroom.start_run())
        # The daemon is down now and then, for hours.
        month.wait(draw.choice(STEPS) if draw.random() > 0.02 else 7 * HOUR)
        month.match()
        rhythm.step(month.archive, month.config, month.now)
        month.close()
        is_down = OUTAGE[0] <= month.now < OUTAGE[1]
        down = DeliveryError("the server is away", channel=True)
        box.faults = dict.fromkeys(("a@example.org", "b@example.org"), down) if is_down else {}
        month.send(box)
    # The last windows end, and the outage's mails leave.
    for _ in range(32 * 4):
        month.wait(6 * HOUR)
        month.tick()
    month.send(box)

    with month.archive.reading() as tx:
        matches = tx.execute(select(match)).all()
        happened = tx.execute(select(event)).all()
        mails = tx.execute(select(digest)).all()
        assert set(tx.execute(select(watch_table.c.id)).scalars()) == set(month.watches)
    assert len(matches) > 1_000
    # Every match stands in exactly one mail of its watch, and no mail is empty.
    of_watch = {mail.id: mail.watch for mail in mails}
    alone = {watch.id for watch in month.watches.values() if not watch.tells.matches}
    told = [one for one in matches if one.watch not in alone or one.digest is not None]
    assert all(of_watch[one.digest] == one.watch for one in [*told, *happened])
    assert set(of_watch) == {one.digest for one in [*told, *happened]}
    _check_events(month, matches, happened, further)
    _check_words(month, happened)
    # Every recipient got every mail once.
    expected = Counter(
        {
            (mail.watch, str(recipient)): 0
            for mail in mails
            for recipient in month.watches[mail.watch].recipients
        }
    )
    for mail in mails:
        expected.update((mail.watch, str(recipient)) for recipient in month.watches[mail.watch].recipients)
    assert (
        Counter((letter["List-Id"].split(".")[0].strip("<"), letter["To"]) for letter in box.taken)
        == expected
    )
    assert len({letter["Message-ID"] for letter in box.taken}) == len(box.taken)
    _check_pace(month, mails, [*told, *happened])


def _keep_related(month: Alarm, id_: str, linked: dict[str, str]) -> None:
    """The next run reads what the newest article links to as related, if it does."""
    run = month.newsroom.start_run()
    for claim in month.newsroom.claim(run):
        number = len(linked) + 1
        read = story(claim.url, f"Nothing {number}.", title=f"Related {number}")
        linked[month.newsroom.keep(claim, read, body=claim.url.encode()).id] = id_
    month.newsroom.finish_run(run)


def _take_up(month: Alarm, id_: str, taken_up: dict[str, str]) -> None:
    """Another outlet takes up the story of an article in other words."""
    number = len(taken_up) + 1
    address = f"https://herald.example/{number}"
    run = month.newsroom.start_run("herald", "https://herald.example")
    month.newsroom.list_links(run, "https://herald.example/", address)
    [claim] = month.newsroom.claim(run)
    read = story(address, f"Nothing {number}.", title=f"Herald {number}")
    other = month.newsroom.keep(claim, read, body=address.encode()).id
    month.newsroom.finish_run(run)
    month.join(other, id_, "herald")
    taken_up[other] = id_


def _remove(month: Alarm) -> str:
    """The page of the newest article is gone; that one's id."""
    address = f"{SITE}/{month.published}"
    with month.archive.writing() as tx:
        [(page, id_)] = tx.execute(select(url.c.id, url.c.article).where(url.c.url == address))
        frontier.ask_again(tx, [page], month.now)
    run = month.newsroom.start_run()
    [claim] = month.newsroom.claim(run)
    with month.archive.writing() as tx:
        frontier.keep_gone(tx, claim, month.newsroom.fetched(claim.url, 410), month.now)
        # It would be looked for again in a run that answers everything with its news.
        tx.execute(delete(waits).where(waits.c.url == page))
    month.newsroom.finish_run(run)
    return str(id_)


def _check_events(
    month: Alarm, matches: Sequence[Row[Any]], happened: Sequence[Row[Any]], further: Further
) -> None:
    """Whatever happened to what a watch had matched is known exactly once to those who ask, and no more."""
    watches = month.watches.values()
    by_article: dict[str, list[str]] = defaultdict(list)
    for one in matches:
        by_article[one.article].append(one.watch)
    asked = {
        "edit": ({one.id for one in watches if one.tells.edits}, {id_: id_ for id_ in further.edited}),
        "vanished": ({one.id for one in watches if one.tells.edits}, {id_: id_ for id_ in further.gone}),
        "outlet": ({one.id for one in watches if one.tells.outlets}, further.taken_up),
        "related": ({one.id for one in watches if one.tells.related}, further.linked),
    }
    for kind, (asking, found_by) in asked.items():
        expected = sorted(
            (watch, id_) for id_, first in found_by.items() for watch in by_article[first] if watch in asking
        )
        assert len(expected) > 20, kind
        assert sorted((one.watch, one.article) for one in happened if one.kind == kind) == expected, kind
    for watch in month.watches.values():
        times = sorted(one.matched for one in matches if one.watch == watch.id)
        silent = {one.key for one in happened if one.watch == watch.id and one.kind == "silence"}
        if watch.tells.silence is None:
            assert not silent
            continue
        # Within a step of the daemon of the limit it depends on when it looked.
        long = {
            early.isoformat()
            for early, late in pairwise(times)
            if late - early > watch.tells.silence + DAY / 2
        }
        at_all = {early.isoformat() for early, late in pairwise(times) if late - early >= watch.tells.silence}
        assert long
        assert long <= silent <= at_all | {times[-1].isoformat()}


def _check_words(month: Alarm, happened: Sequence[Row[Any]]) -> None:
    """What happened to an article stands in the one mail that it belongs to, or is counted there."""
    texts: dict[str, dict[int, str]] = defaultdict(dict)
    for mail in month.mails():
        texts[mail.watch][mail.number] = mail.text
    with month.archive.reading() as tx:
        titles = {record.id: record.article.title for record in articles.records(tx, articles.seqs(tx))}
    said = {"vanished": "Gone: ", "outlet": "Now also in Herald: ", "related": "Linked as related: "}
    for one in happened:
        if one.kind in said:
            headline = f"\n{said[one.kind]}{titles[one.article]}\n"
            told = [number for number, words in texts[one.watch].items() if headline in words]
            counted = " more change" in texts[one.watch][one.digest]
            assert told == [one.digest] or (counted and not told)


def _found(told: Row[Any]) -> datetime:
    when: datetime = told.matched if "matched" in told._fields else told.seen
    return when


def _check_pace(month: Alarm, mails: Sequence[Row[Any]], matches: Sequence[Row[Any]]) -> None:
    made: dict[str, list[datetime]] = defaultdict(list)
    for mail in mails:
        made[mail.watch].append(mail.closed)
    first = {mail.id: min(_found(one) for one in matches if one.digest == mail.id) for mail in mails}
    for mail in mails:
        watch = month.watches[mail.watch]
        local = mail.closed.astimezone(ZoneInfo(watch.time_zone))
        if watch.quiet is not None:
            assert not watch.quiet.has(local.time())
        if watch.at_most is not None:
            recent = [at for at in made[mail.watch] if mail.closed - watch.at_most.period < at <= mail.closed]
            assert len(recent) <= watch.at_most.mails
        if watch.window is None:
            pace = month.config.collecting(watch)
            assert pace.collect is not None
            assert mail.closed - first[mail.id] >= pace.collect
        else:
            end = latest_slot(watch.window, mail.closed)
            assert mail.window_end.replace(microsecond=0) <= end.replace(microsecond=0)
    for watch_id, times in made.items():
        if month.watches[watch_id].window is None:
            gap = month.config.collecting(month.watches[watch_id]).gap
            assert gap is not None
            assert all(later - earlier >= gap for earlier, later in pairwise(times))
