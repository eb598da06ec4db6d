"""What a feed asks of its readers: when not to read it, and how often it is worth it.

RSS 2.0 (https://www.rssboard.org/rss-specification) has `skipHours`, `skipDays`, both of GMT, and `ttl`, in
minutes; RSS 1.0's Syndication module (http://web.resource.org/rss/1.0/modules/syndication/) has
`updatePeriod` and `updateFrequency`.
"""

import re
from collections.abc import Mapping
from typing import Any

from presswatch.model import FeedPace

_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
_ITEM, _ITEM_END = re.compile(r"<(?:\w+:)?item\b", re.I), re.compile(r"</(?:\w+:)?item\s*>", re.I)
_HOURS = re.compile(r"<skipHours\b[^>]*>(.*?)</skipHours\s*>", re.S | re.I)
_DAYS = re.compile(r"<skipDays\b[^>]*>(.*?)</skipDays\s*>", re.S | re.I)
_HOUR = re.compile(r"<hour\b[^>]*>\s*(\d{1,2})\s*</hour", re.I)
_DAY = re.compile(r"<day\b[^>]*>\s*([a-z]+)\s*</day", re.I)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
# What proposes to be read less often than this has said nothing of its rhythm.
_MOST_MINUTES = 525_600


def feed_pace(text: str, feed: Mapping[str, Any]) -> FeedPace:
    """What the channel says, by the feed's text and what feedparser read of it. Nonsense counts as unsaid."""
    begin, end = _ITEM.search(text), None
    for end in _ITEM_END.finditer(text):  # noqa: B007  # the last one is wanted
        pass
    around = text if begin is None or end is None else text[: begin.start()] + text[end.end() :]
    channel = _COMMENT.sub("", around)
    hours = {
        int(hour) % 24
        for block in _HOURS.findall(channel)
        for hour in _HOUR.findall(block)
        if int(hour) <= 24
    }
    named = {day.lower() for block in _DAYS.findall(channel) for day in _DAY.findall(block)}
    days = tuple(number for number, name in enumerate(_WEEKDAYS) if name in named)
    return FeedPace(tuple(sorted(hours)), days, _minutes(feed))


def _minutes(feed: Mapping[str, Any]) -> int:
    ttl = _number(feed.get("ttl"))
    if ttl:
        return min(ttl, _MOST_MINUTES)
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower(), 0)
    times = _number(feed.get("sy_updatefrequency")) or 1
    return max(period // times, 1) if period else 0


def _number(said: Any) -> int:
    text = str(said or "").strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else 0
