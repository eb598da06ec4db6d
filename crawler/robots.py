"""robots.txt as RFC 9309 has it: what an answer means, and what it allows.

The groups are ours to find: Protego, which matches the paths, ends a group at records that end none, takes
`presswatch/1.0` for another's name, and reads every group of a file of which we need one.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from string import punctuation
from urllib.parse import quote, urlsplit

from protego import Protego
from scrapy.exceptions import IgnoreRequest

from crawler.extract.page.charset import decode_wide
from presswatch.model import FaultKind

# Section 2.5: at least 500 KiB are parsed.
MAX_SIZE = 500 * 1024
# Section 2.4: not used for longer than a day.
LIFETIME = timedelta(hours=24)
# An unreachable file is asked for again sooner, so that one bad minute does not cost a day.
RETRY = timedelta(minutes=10)
# Section 2.2.1: the product token by which rules name us.
TOKEN = "presswatch"  # noqa: S105  # not a secret

_ANYBODY = "*"
# A name as files write it: `presswatch`, `PressWatch/1.0`, `presswatch (news)`, `presswatch*`, but not
# `presswatch-images` or `presswatch2`, which are other products.
_NAME = re.compile(rb"\**([a-z0-9_.-]+)\**(?:[/\s;,(].*)?", re.IGNORECASE)
# Missing colons and common misspellings are accepted, as the big search engines do.
_RECORD = re.compile(
    rb"^[ \t\xef\xbb\xbf]*(?:(?P<agent>user[- ]?agent)|(?P<allow>allow)"
    rb"|(?P<disallow>disallow|dissallow|dissalow|disalow|diasllow|disallaw)"
    rb"|(?P<delay>crawl[- ]delay)|(?P<sitemap>sitemaps?|site-map))(?:[ \t]*:|[ \t])[ \t]*(?P<value>[^#\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


class Refused(IgnoreRequest):
    """robots.txt forbids this page; the message says so for people."""


class Unreadable(Refused):
    """robots.txt could not be read, so the page may not be fetched before it is asked for again."""

    def __init__(self, reason: str, until: datetime, kind: FaultKind) -> None:
        super().__init__(reason)
        self.until = until
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt asks of us. `crawl_delay`: between two requests; None when it says none."""

    paths: Protego
    crawl_delay: timedelta | None = None
    sitemaps: tuple[str, ...] = ()

    def allow(self, url: str) -> bool:
        return self.paths.can_fetch(url, TOKEN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a host's robots.txt. `rules` None: all or nothing, as `reason` (empty: all) says.

    `kind` is what kept the file from us.
    """

    rules: Rules | None
    reason: str
    until: datetime
    kind: FaultKind = FaultKind.ROBOTS

    def refusal(self, url: str) -> str:
        """Why this URL may not be fetched; empty when it may."""
        if self.rules is None:
            return self.reason
        return "" if self.rules.allow(url) else "robots.txt disallows it"


@dataclass(slots=True)
class _Group:
    """The rules for one name, of all its groups together (section 2.2.1)."""

    rules: list[str] = field(default_factory=list)
    delay: timedelta | None = None


def is_answer(status: int) -> bool:
    """Whether a status says something about the rules, and not about a server in trouble.

    429 is no "unavailable" in spirit (section 2.3.1.3): the server asks us to stay away for a while.
    """
    return status != HTTPStatus.TOO_MANY_REQUESTS and status < HTTPStatus.INTERNAL_SERVER_ERROR


def answered(status: int, body: bytes, fetched: datetime) -> Verdict:
    """What an answer to the request for robots.txt means (sections 2.3.1.1 to 2.3.1.4).

    Of a body longer than `MAX_SIZE` one byte more than that is needed, to know that its last line is cut off.
    """
    if not is_answer(status):
        return unreachable(f"it answered {status}", fetched)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(parse(body), "", fetched + LIFETIME)
    return Verdict(None, "", fetched + LIFETIME)


def unreachable(why: str, now: datetime, kind: FaultKind = FaultKind.ROBOTS) -> Verdict:
    """No answer at all, or a server's error: everything is disallowed (section 2.3.1.4)."""
    reason = f"robots.txt could not be read ({why}), so nothing may be fetched"
    return Verdict(None, reason, now + RETRY, kind)


def parse(body: bytes) -> Rules:
    """The rules for us in a robots.txt: those of the groups that name us, else of those for everybody."""
    groups: dict[str, _Group] = {}
    sitemaps: list[str] = []
    named: list[_Group] = []
    complete = False
    for record in _RECORD.finditer(_lines(body)):
        value = record["value"].strip()
        match _kind(record):
            case "agent":
                # Rules end a group (section 2.1), and nothing else does (2.2.4).
                if complete:
                    named, complete = [], False
                if name := _whom(value):
                    named.append(groups.setdefault(name, _Group()))
            case "sitemap":
                sitemaps.append(_text(value))
            case "delay":
                for group in named:
                    group.delay = _longer(group.delay, _seconds(_text(value)))
            case rule:
                complete = True
                for group in named if value else ():
                    group.rules.append(f"{rule}: {_path(value)}")
    ours = groups.get(TOKEN) or groups.get(_ANYBODY) or _Group()
    # Files that list thousands of paths list many of them twice.
    lines = "\n".join((f"User-agent: {TOKEN}", *dict.fromkeys(ours.rules)))
    return Rules(Protego.parse(lines), ours.delay, tuple(sitemaps))


def _kind(record: re.Match[bytes]) -> str:
    return next(kind for kind in ("agent", "allow", "disallow", "delay", "sitemap") if record[kind])


def _lines(body: bytes) -> bytes:
    """The file's whole lines, ended by LF, in an encoding that keeps ASCII."""
    known = body[:MAX_SIZE]
    wide = decode_wide(known)
    text = (known if wide is None else wide.encode("utf-8", "replace")).replace(b"\r", b"\n")
    if len(body) > MAX_SIZE and body[MAX_SIZE : MAX_SIZE + 1] not in (b"\n", b"\r"):
        return text[: text.rfind(b"\n") + 1]
    return text


def _whom(value: bytes) -> str:
    """Whom a user-agent line names: us, everybody, or (empty) somebody else."""
    if value.split(maxsplit=1)[:1] == [b"*"]:
        return _ANYBODY
    name = _NAME.fullmatch(value)
    return TOKEN if name and name[1].lower() == TOKEN.encode() else ""


def _text(value: bytes) -> str:
    """UTF-8 as the RFC wants it; a line that is none is taken for Latin-1 (section 2.2.2 leaves it to us)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _path(value: bytes) -> str:
    return quote(_text(value), safe=punctuation)


def _seconds(value: str) -> timedelta | None:
    said = _SECONDS.match(value)
    return timedelta(seconds=float(said[0])) if said else None


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max((delay for delay in (one, other) if delay is not None), default=None)


# What the sites were found to say, by `site_of`: shared by all crawlers of the process, as outlets of several
# sources have one robots.txt.
verdicts: dict[str, Verdict] = {}


def known_rules(url: str) -> Rules | None:
    """The rules of a URL's site that this process was told; None when it was told none."""
    known = verdicts.get(site_of(url))
    return known.rules if known else None


def site_of(url: str) -> str:
    """What a robots.txt stands for: the scheme and the host with its port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
