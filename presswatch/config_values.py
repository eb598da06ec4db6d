"""How single values are written in the files: durations, sizes, zones, addresses, selectors.

Each is read by a function that raises ValueError saying what was expected.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from presswatch import urls
from presswatch.addresses import Guard, endpoint_entry
from presswatch.languages import LANGUAGES
from presswatch.outlet_facts import COUNTRIES, OutletKind, country_named, near_country
from presswatch.schedule import QuietHours, parse_cron

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|[smhdw])", re.ASCII)
_DURATION_IN_WORDS = re.compile(r"(\d{1,9})(s|m|h|d|w)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)")
_LONGEST = timedelta(days=3660)
_QUIET = re.compile(r"(\d{1,2}:\d\d)\s*(?:-|–|to)\s*(\d{1,2}:\d\d)", re.ASCII)
_AT_MOST = re.compile(r"(\d{1,6})\s*(?:per|an?|/)\s*(hour|day)", re.ASCII)
MAIL_FORMATS = ("html", "text")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])0?(\d{1,2})(:?[0-5]?[1-9]0?)?(?::?00)?", re.ASCII)
_SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d{1,9})\s*(B|KiB|MiB|GiB)", re.ASCII)
# What a request says of itself and of us.
_OWN_HEADERS = (
    *("host", "connection", "content-length", "transfer-encoding", "user-agent", "cookie", "authorization"),
    *("proxy-authorization", "accept-encoding", "if-none-match", "if-modified-since", "referer"),
)
# Before the @ the atoms of RFC 5322 with dots, and letters of all scripts (RFC 6531); no quotes of any kind.
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;:()\[\]\\\"“”„«»\x00-\x1f\x7f]+@[^@\s<>,;\"“”„«»\x00-\x1f\x7f]+")
# Longer ones are no selector that somebody wrote, and cost time and stack on every page.
_LONGEST_SELECTOR = 1000
# Compiling one takes stack for each part.
_COMBINATOR, _MOST_PARTS = re.compile(r"[\s>+~]+"), 100


def duration(value: object) -> timedelta:
    """`15m`, `1h30m`, `500ms`, `3d` as a time span of at most ten years. Raises ValueError for others."""
    if isinstance(value, timedelta):
        return value
    text = str(value).replace(" ", "")
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"expected a duration like 15m, 1h30m, 2s or 3d{_duration_meant(text)}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST.total_seconds():
        raise ValueError("expected a duration of at most ten years")
    return timedelta(seconds=seconds)


def _duration_meant(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return f"; a number needs its unit: {text}s, {text}m or {text}h"
    found = _DURATION_IN_WORDS.fullmatch(text.casefold())
    return f"; do you mean {found[1]}{found[2]}?" if found else ""


def say_duration(span: timedelta) -> str:
    """The shortest way to write a span that `duration` reads."""
    left, said = span // timedelta(milliseconds=1), ""
    for unit in ("d", "h", "m", "s", "ms"):
        count, left = divmod(left, int(_UNITS[unit] * 1000))
        said += f"{count}{unit}" if count else ""
    return said or "0s"


def _some_time(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("expected more than no time at all")
    return span


def _a_second_or_more(span: timedelta) -> timedelta:
    if span < timedelta(seconds=1):
        raise ValueError("expected at least 1s")
    return span


def _ascending(spans: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if list(spans) != sorted(set(spans)):
        raise ValueError("expected ascending durations, each counted from the first sight")
    return spans


def _size(value: object) -> int:
    found = _SIZE.fullmatch(str(value))
    if found is None or not int(found[1]):
        raise ValueError("expected a size like 8MiB or 512KiB")
    return int(found[1]) * _SIZES[found[2]]


def say_size(size: int) -> str:
    """The shortest way to write a size that is read back as this."""
    unit = next(name for name in reversed(_SIZES) if size % _SIZES[name] == 0)
    return f"{size // _SIZES[unit]}{unit}"


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}


def _quiet_hours(value: object) -> QuietHours:
    if isinstance(value, QuietHours):
        return value
    found = _QUIET.fullmatch(str(value).strip())
    try:
        start, end = map(_wall_time, found.groups()) if found else (None, None)
    except ValueError:
        start = end = None
    if start is None or end is None or start == end:
        raise ValueError('expected hours like "20:00-07:00"')
    return QuietHours(start, end)


def _wall_time(text: str) -> time:
    """`7:00`, `07:00`, and `24:00` for midnight. Raises ValueError for none."""
    return time.fromisoformat(text.zfill(5).replace("24:00", "00:00"))


def _say_quiet_hours(quiet: QuietHours) -> str:
    return f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """So many mails in any time so long."""

    mails: int
    period: timedelta

    def __str__(self) -> str:
        return f"{self.mails} per {'hour' if self.period == timedelta(hours=1) else 'day'}"


def _at_most(value: object) -> AtMost:
    if isinstance(value, AtMost):
        return value
    found = _AT_MOST.fullmatch(str(value).strip())
    if found is None or not int(found[1]):
        raise ValueError("expected a number of mails, at least 1, like 6 per hour or 20 per day")
    return AtMost(int(found[1]), timedelta(hours=1) if found[2] == "hour" else timedelta(days=1))


def several(text: str) -> list[str]:
    """The values of a text that names several, between commas or semicolons; addresses may hold either."""
    between = r"[,;]?\s+" if "://" in text else r"\s*[,;]\s*"
    return [one for one in re.split(between, text.strip()) if one]


@cache
def _is_zone(name: str) -> bool:
    """Told by the one zone: to look through all of them takes as long as to read a hundred files."""
    try:
        # In these folders the zones stand once more, by other rules of seconds.
        return bool(ZoneInfo(name)) and not name.startswith(("posix", "right"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _zone(name: str) -> str:
    if name and not _is_zone(name):
        raise ValueError(f"expected a time zone's IANA name like Europe/Berlin or UTC{_zone_meant(name)}")
    return name


def _zone_meant(name: str) -> str:
    """What is to be written for an offset, an abbreviation, a name of Windows, or a name nearly right."""
    if offset := _OFFSET.fullmatch(name):
        sign, hours = offset[1], int(offset[2])
        # POSIX, whose signs these zones have, counts to the west.
        fixed = f", and Etc/GMT{'-' if sign == '+' else '+'}{hours} is UTC{sign}{hours} all the year"
        return "; the name of a city knows summer time" + (fixed if 0 < hours <= 12 and not offset[3] else "")
    from babel.core import get_global

    of_windows = {known.casefold(): zone for known, zone in get_global("windows_zone_mapping").items()}
    if found := of_windows.get(name.casefold()):
        return f"; do you mean {found}?"
    if name.isalpha() and name.isupper() and len(name) < 6:
        # Of the zones that stand for many: each names its standard and its summer time.
        days = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
        called = [
            zone
            for zone in sorted(set(of_windows.values()))
            if name in {day.astimezone(ZoneInfo(zone)).tzname() for day in days}
        ]
        if called:
            return f"; {name} is an abbreviation for zones like {', '.join(called[:4])}: choose one"
    near = get_close_matches(name.casefold().replace(" ", "_"), _zones(), 1)
    return f"; do you mean {_zones()[near[0]]}?" if near else ""


def _web_address(url: str) -> str:
    normal = urls.normalize(url)
    if normal is None:
        raise ValueError(
            "expected an address that begins with http:// or https:// and names no user" + urls.hint(url)
        )
    return normal


def _web_address_or_none(url: str) -> str:
    return _web_address(url) if url else ""


def _proxy_address(url: str) -> str:
    normal = urls.normalize(url)
    if normal is None or not normal.startswith("http://") or urlsplit(normal).path != "/":
        raise ValueError("expected an HTTP proxy like http://proxy.example:3128, without a login")
    Guard([endpoint_entry(normal)])
    return normal


def _host_name(name: str) -> str:
    normal = urls.normalize(f"http://{name}/")
    if normal is None or normal.removeprefix("http://") != f"{urls.domain(normal)}/":
        raise ValueError("expected the name of a host like intranet.example, or an address, without port")
    return urls.domain(normal)


def _listen_address(text: str) -> str:
    host, _colon, port = text.rpartition(":")
    try:
        ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
        is_port = 0 <= int(port) <= 65535
    except ValueError:
        is_port = False
    if not is_port:
        raise ValueError("expected an address of this machine with a port, like 127.0.0.1:8484")
    return text


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("expected one IP address, like 127.0.0.1") from None


def _public_url(text: str) -> str:
    if not text:
        return ""
    normal = urls.normalize(text)
    if normal is None or urlsplit(normal).query or "#" in text:
        raise ValueError(
            "expected the address of the pages as readers reach it, like https://watch.example.org"
        )
    return normal.rstrip("/")


def _issuer(text: str) -> str:
    # Many paste the address of the discovery document, which is this behind the issuer.
    issuer = text.removesuffix("/.well-known/openid-configuration").rstrip("/")
    parts = urlsplit(issuer)
    is_whole = urls.normalize(issuer) is not None and not parts.query and "#" not in issuer
    if not (is_whole and issuer.isascii() and issuer.isprintable() and " " not in issuer):
        raise ValueError("expected the address of a provider, like https://id.example.org/realms/press")
    if not is_https_or_loopback(issuer):
        raise ValueError("expected https://, as http:// is for a provider on this machine alone")
    return issuer


def is_https_or_loopback(url: str) -> bool:
    """Whether nobody between can read what is sent to this address."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return parts.scheme == "https"
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError("expected the name of a header, like X-Api-Key")
    if name.lower() in _OWN_HEADERS:
        raise ValueError("this header is ours to set; cookies and basic_auth are keys of their own")
    return name


def _cookie(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError("expected the name of a cookie")
    return name


def _mail_address(text: str) -> str:
    if not _is_mail_address(text):
        raise ValueError("expected a mail address like desk@example.org")
    return text


def _is_mail_address(text: str) -> bool:
    if not _MAIL_ADDRESS.fullmatch(text):
        return False
    try:
        # As DNS will be asked for it: no empty or overlong part.
        text.rpartition("@")[2].encode("idna")
    except UnicodeError:
        return False
    return True


def _mail_address_or_none(text: str) -> str:
    return _mail_address(text) if text else ""


def _recipient(text: str) -> str:
    """`desk@example.org`, `Jane Doe <jane@example.org>`, or the name of a group."""
    text = text.strip()
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text):
        return text
    found = re.fullmatch(r"([^<>\x00-\x1f\x7f]*)<([^<>]+)>", text)
    name, address = (found[1].strip(' "'), found[2].strip()) if found else ("", text)
    if text.count("@") > 1 and len(each := several(text)) > 1:
        raise ValueError(f"expected one address an item of the list: [{', '.join(each)}]")
    if not _is_mail_address(address):
        if _is_mail_address(bare := address.removeprefix("mailto:").strip("“”„«»‘’")):
            raise ValueError(f"expected a mail address; do you mean {bare}?")
        raise ValueError(
            "expected a mail address like desk@example.org or Jane Doe <jane@example.org>, or the name of a "
            "group or a channel"
        )
    return f"{name} <{address}>" if name else address


def _person(name: str) -> str:
    name = name.strip(' "')
    if re.search(r"[<>\x00-\x1f\x7f]", name):
        raise ValueError("expected a name like Jane Doe; the address stands under address")
    return name


def _reading_language(code: str) -> str:
    if code and code not in LANGUAGES:
        names = {name.casefold(): known for known, name in LANGUAGES.items()} | {
            one: one for one in LANGUAGES
        }
        primary = re.split("[-_]", code.casefold())[0]
        near = get_close_matches(primary, names, 1)
        meant = f"; do you mean {names[near[0]]}?" if near else ""
        known = ", ".join(f"{one} ({name})" for one, name in LANGUAGES.items())
        raise ValueError(f"expected one of {known}{meant}")
    return code


def _mail_format(text: str) -> str:
    if text and text not in MAIL_FORMATS:
        near = get_close_matches(text.casefold(), MAIL_FORMATS, 1)
        meant = f"; do you mean {near[0]}?" if near else ""
        raise ValueError(f"expected html (with plain text beside it) or text (plain text alone){meant}")
    return text


def _contact(text: str) -> str:
    # It stands in parentheses in a header of HTTP, which knows ASCII only.
    plain = text.isascii() and not set(text) & set("() \t")
    if text and not (plain and (_is_mail_address(text) or urls.normalize(text))):
        raise ValueError("expected a mail address or the address of a page, in plain letters")
    return text


def _cron(text: str) -> str:
    parse_cron(text)
    return text


def _allowed(entry: str) -> str:
    Guard([entry])
    return entry


def _selector(text: str) -> str:
    if not text:
        return text
    if text.lstrip().startswith(("/", "./", "(/")):
        raise ValueError("expected a CSS selector like article h1; this is XPath")
    if len(text) > _LONGEST_SELECTOR:
        raise ValueError(f"expected a CSS selector of at most {_LONGEST_SELECTOR:,} characters")
    if any(len(_COMBINATOR.findall(one)) > _MOST_PARTS for one in text.split(",")):
        raise ValueError("expected a CSS selector with fewer parts within each other")
    from lxml.cssselect import CSSSelector, SelectorError

    try:
        CSSSelector(text)
    except SelectorError as error:
        # `<DELIM '/' at 0>` is how its parser writes what it met.
        said = re.sub(
            r"<\w+ (.+?) at (\d+)>", lambda met: f"{met[1]} at character {int(met[2]) + 1}", str(error)
        )
        raise ValueError(f"expected a CSS selector: {said}") from error
    except (RecursionError, ValueError) as error:
        raise ValueError("expected a CSS selector with fewer parts within each other") from error
    return text


def identifier(text: str) -> str:
    """An id as files are named by it. Raises ValueError for others."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text):
        raise ValueError("expected small letters, digits and hyphens, at most 63")
    return text


def _language(code: str) -> str:
    if code and not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", code):
        raise ValueError("expected a language's code like en, de or zh-Hans")
    return code


def _country(code: str) -> str:
    if code and code.upper() not in COUNTRIES:
        meant = country_named(code) or near_country(code)
        hint = f"; do you mean {meant}?" if meant else ""
        raise ValueError(f"expected a country's code of two letters like PT or DE (ISO 3166){hint}")
    return code.upper()


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        # pydantic tells of a ValueError alone.
        raise ValueError('expected a code: write "NO" for Norway, as YAML reads no as false')  # noqa: TRY004
    return value


def _outlet_kind(text: str) -> str:
    if text and text not in list(OutletKind):
        near = get_close_matches(text.casefold(), OutletKind, 1)
        hint = f"; do you mean {near[0]}?" if near else ""
        raise ValueError(f"expected one of {', '.join(OutletKind)}{hint}")
    return text


def _variable(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("expected the name of an environment variable")
    return name


def _beside(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return folder / path.expanduser() if folder else path


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(say_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d+(\.\d+)?(ms|[smhdw]) ?)+$",
            "examples": ["500ms", "15m", "1h30m", "3d"],
        }
    ),
]
SomeTime = Annotated[Duration, AfterValidator(_some_time)]
Often = Annotated[Duration, AfterValidator(_a_second_or_more)]
Ascending = Annotated[tuple[Duration, ...], AfterValidator(_ascending)]
Size = Annotated[
    int,
    BeforeValidator(_size),
    PlainSerializer(say_size, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+ *([KMG]i)?B$", "examples": ["8MiB", "512KiB"]}),
]
Quiet = Annotated[
    QuietHours,
    BeforeValidator(_quiet_hours),
    PlainSerializer(_say_quiet_hours, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d\d?:\d\d *(-|–|to) *\d\d?:\d\d$", "examples": ["20:00-07:00"]}
    ),
]
MailLimit = Annotated[
    AtMost,
    BeforeValidator(_at_most),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d+ *(per|an?|/) *(hour|day)$", "examples": ["6 per hour"]}
    ),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
WebAddressOrNone = Annotated[str, AfterValidator(_web_address_or_none)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
MailAddressOrNone = Annotated[str, AfterValidator(_mail_address_or_none)]
RecipientText = Annotated[str, AfterValidator(_recipient)]
Person = Annotated[str, AfterValidator(_person)]
ReadingLanguage = Annotated[
    str, AfterValidator(_reading_language), Field(json_schema_extra={"enum": ["", *LANGUAGES]})
]
MailFormat = Annotated[
    str, AfterValidator(_mail_format), Field(json_schema_extra={"enum": ["", *MAIL_FORMATS]})
]
Contact = Annotated[str, AfterValidator(_contact)]
CronText = Annotated[str, AfterValidator(_cron)]
ProxyAddress = Annotated[str, AfterValidator(_proxy_address)]
HostName = Annotated[str, AfterValidator(_host_name)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
Issuer = Annotated[str, AfterValidator(_issuer)]
HeaderName = Annotated[str, AfterValidator(_header)]
CookieName = Annotated[str, AfterValidator(_cookie)]
Allowed = Annotated[str, AfterValidator(_allowed)]
Selector = Annotated[str, AfterValidator(_selector)]
Id = Annotated[
    str, AfterValidator(identifier), Field(json_schema_extra={"pattern": "^[a-z0-9][a-z0-9-]{0,62}$"})
]
Language = Annotated[str, AfterValidator(_language)]
Country = Annotated[str, BeforeValidator(_no_boolean), AfterValidator(_country)]
Kind = Annotated[str, AfterValidator(_outlet_kind), Field(json_schema_extra={"enum": ["", *OutletKind]})]
Variable = Annotated[str, AfterValidator(_variable)]
# A path in a file is counted from the folder of the configuration, wherever presswatch was started.
FilePath = Annotated[Path, AfterValidator(_beside)]
