"""A month of news with watches of every way of delivery: who is told of what, exactly once, and when."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select

from presswatch.archive import Archive
from presswatch.archive.tables import digest, event, match
from presswatch.archive.tables import watch as watch_table
from presswatch.config import Watch
from presswatch.errors import DeliveryError
from presswatch.schedule import latest_slot
from presswatch.watches.rhythm import Rhythm
from support.alarm import Alarm, Postbox
from support.newsroom import FOLLOW, moment

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
    3: {"edits": True, "silence": "30h"},
    6: {"edits": True, "matches": False},
    9: {"silence": "20h", "spikes": True},
}
WORDS = ("ferry", "radar", "council", "fog", "herring")


@pytest.fixture
def month(archive: Archive) -> Alarm:
    alarm = Alarm(archive, collect=2 * MINUTE, gap=10 * MINUTE)
    alarm.newsroom.now = BEGIN
    # Only what the test edits is read again.
    alarm.newsroom.follow = replace(FOLLOW, revisit=())
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
    edited: list[str] = []
    while month.now < BEGIN + DAYS * DAY:
        # One week is quiet.
        if draw.random() < (0.7 if not BEGIN + 20 * DAY < month.now < BEGIN + 24 * DAY else 0):
            words = " ".join(draw.sample([*WORDS, *["quiet"] * 5], 2))
            month.publish(f"The {words} of the day.", published=moment(month.now - 30 * MINUTE))
            if draw.random() < 0.1:
                month.match()
                edited.append(month.revise(f"The {words} of the day.", title="A headline of the evening"))
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
    _check_events(month, matches, happened, edited)
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


def _check_events(
    month: Alarm, matches: Sequence[Row[Any]], happened: Sequence[Row[Any]], edited: Sequence[str]
) -> None:
    """Every edit of what a watch had matched, and every silence, is known exactly once to those who ask."""
    asking = {watch.id for watch in month.watches.values() if watch.tells.edits}
    expected = sorted(
        (one.watch, one.article) for one in matches if one.article in edited and one.watch in asking
    )
    assert len(expected) > 20
    assert sorted((one.watch, one.article) for one in happened if one.kind == "edit") == expected
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
