"""What others have to say: names, publishers' robots.txt, the index, the mail server, channels, the time."""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any
from urllib.parse import urljoin

from presswatch import connection_faults, urls
from presswatch.addresses import Guard
from presswatch.archive import Archive, sites
from presswatch.config import Config, Source, user_agent
from presswatch.doctor.finding import Finding, trouble, unchecked, well
from presswatch.doctor.within import each_within
from presswatch.errors import AddressRefused, PresswatchError
from presswatch.guarded_connections import connections, host_header, port_of, usable_addresses
from presswatch.search.backends import open_index
from presswatch.watches.channels import channel_for

# One host is asked once; so many are asked at once, each for so long.
AT_ONCE, SECONDS = 16, 10.0
# Of a robots.txt so much is read, which tells whether it comes at all (RFC 9309 section 2.5 has 500 KiB).
_READ = 16 << 10
# A clock that is further off puts articles in a wrong order, and mails may be refused.
CLOCK_OFF = 60.0
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its status, or why there is none; how far its clock is ahead of ours, if told."""

    status: int = 0
    fault: str = ""
    ahead: timedelta | None = None


def names(config: Config, whole: float) -> list[Finding]:
    """Whether every name of the configuration leads to an address, and to one that may be connected to."""
    guard = Guard(config.crawl.allow_addresses)
    works: dict[str, Callable[[], str]] = {}
    for source in _enabled(config):
        if config.crawl.proxy is None:
            own = guard.for_source(source.start, source.allow_addresses)
            for start in source.start:
                works.setdefault(urls.host(start), _resolving(start, own))
    for url in _servers(config):
        works.setdefault(urls.host(url), _resolving(url, None))
    if not works:
        return []
    found = each_within(works, SECONDS, whole=whole, at_once=AT_ONCE)
    faults = {host: said for host, said in found.items() if said}
    findings = _shown(
        "names", faults, "has no address that may be used", "see their spelling and the resolver"
    )
    late = [host for host in works if host not in found]
    if late:
        said = f"no answer of the resolver for {_list(late)} within {SECONDS:g} s"
        findings.append(unchecked("names", said, "see /etc/resolv.conf"))
    return findings or [well("names", f"{len(works):,} hosts have addresses")]


def _resolving(url: str, guard: Guard | None) -> Callable[[], str]:
    def resolve() -> str:
        try:
            usable_addresses(url, guard)
        except (AddressRefused, OSError, UnicodeError) as error:
            return str(getattr(error, "strerror", None) or error)
        return ""

    return resolve


def publishers(config: Config, data: Path, now: datetime, whole: float) -> list[Finding]:
    """Whether the robots.txt of each source's hosts can be had, and what their clocks say of ours.

    Hosts that rest are not asked.
    """
    resting: set[str] = set()
    try:
        with Archive.open_unchanged(data / "archive.sqlite") as opened, opened.reading() as tx:
            resting = {rest.host for rest in sites.resting(tx, now)}
    except PresswatchError:
        pass  # `archive` tells of it
    guard, works = Guard(config.crawl.allow_addresses), dict[str, Callable[[], Answer]]()
    for source in _enabled(config):
        own = guard.for_source(source.start, source.allow_addresses)
        for start in source.start:
            if urls.host(start) not in resting:
                works.setdefault(urljoin(start, "/robots.txt"), _asking(config, source, start, own))
    if not works:
        return [unchecked("robots.txt", "no source is enabled, or all of their hosts rest")]
    found = each_within(works, SECONDS, whole=whole, at_once=AT_ONCE)
    return [*robots(found, [url for url in works if url not in found]), clock(found)]


def robots(found: Mapping[str, Answer], late: list[str]) -> list[Finding]:
    """What these answers mean: with 4xx everything may be read, with 5xx or none nothing (RFC 9309 2.3.1)."""
    faults = {
        url: answer.fault or f"it answered {answer.status}"
        for url, answer in found.items()
        if answer.fault or answer.status >= 500 or answer.status == 429
    }
    faults |= dict.fromkeys(late, f"it did not answer within {SECONDS:g} s")
    what = "cannot be had, and nothing is read there until it can"
    findings = _shown(
        "robots.txt", faults, what, "open the address in a browser; `presswatch status` shows the source"
    )
    return findings or [well("robots.txt", f"those of {len(found):,} sites can be had")]


def clock(found: Mapping[str, Answer]) -> Finding:
    """How far this clock is off, by the median of the clocks of at least one server that tells its own."""
    told = sorted(one.ahead.total_seconds() for one in found.values() if one.ahead is not None)
    if not told:
        return unchecked("clock", "no server told its own")
    off = median(told)
    by = f"by the clocks of {len(told):,} servers"
    if abs(off) <= CLOCK_OFF:
        return well("clock", f"right to the minute, {by}")
    if len(told) < 3 and told[-1] - told[0] > CLOCK_OFF:
        return unchecked("clock", f"{by} nothing can be told, as they differ")
    way = "behind" if off > 0 else "ahead"
    return trouble("clock", f"{abs(off):,.0f} s {way}, {by}", "let the system keep it, as by NTP")


def index(config: Config, data: Path) -> Finding:
    """Whether search can be asked."""
    if config.search.elasticsearch is None and not (data / "index.sqlite").exists():
        return unchecked("index", f"there is no {data / 'index.sqlite'} yet", "`presswatch reindex` makes it")
    try:
        return well("index", open_index(config.search, data).probe())
    except PresswatchError as error:
        return trouble("index", str(error), "see where it runs; `presswatch reindex` makes it anew")


def mail(config: Config, data: Path) -> Finding:
    """Whether the mail server lets us in, to whom nothing is sent, or the folder can be written to."""
    if config.mail.smtp is None:
        folder = data / config.mail.folder
        if folder.exists() and not os.access(folder, os.W_OK):
            return trouble("mail", f"{folder} cannot be written to by this user", "see its owner")
        return well("mail", f"mails are written to {folder}")
    try:
        return well("mail", channel_for(config.mail, data).probe())
    except PresswatchError as error:
        return trouble("mail", str(error), "see mail.smtp in presswatch.yaml; mails wait and are not lost")


def channels(config: Config) -> list[Finding]:
    """Whether each channel can be used, as far as that is to be told without sending."""
    findings = []
    for id_, channel in config.channels.items():
        try:
            findings.append(well(f"channel {id_}", channel.open(id_).probe()))
        except PresswatchError as error:
            findings.append(trouble(f"channel {id_}", str(error)))
    return findings


def _enabled(config: Config) -> list[Source]:
    return [source for source in config.sources if source.enabled]


def _servers(config: Config) -> list[str]:
    """Addresses of what the configuration names besides sources; each may be in the own network."""
    found = list(config.search.elasticsearch.urls) if config.search.elasticsearch else []
    if config.mail.smtp:
        host = config.mail.smtp.host
        found.append(f"http://{f'[{host}]' if ':' in host else host}:{config.mail.smtp.port}/")
    if config.crawl.proxy:
        found.append(config.crawl.proxy)
    return found


def _shown(name: str, faults: Mapping[str, str], what: str, do: str) -> list[Finding]:
    """Each of a few faults by itself, of many the first ones and how many there are."""
    findings = [trouble(name, f"{where} {what}: {said}", do) for where, said in list(faults.items())[:_SHOWN]]
    if len(faults) > _SHOWN:
        findings.append(
            trouble(name, f"{len(faults) - _SHOWN:,} more of this kind: {_list(list(faults)[_SHOWN:])}", do)
        )
    return findings


def _list(those: list[str]) -> str:
    more = f" and {len(those) - _SHOWN:,} more" if len(those) > _SHOWN else ""
    return ", ".join(those[:_SHOWN]) + more


def _asking(config: Config, source: Source, start: str, guard: Guard) -> Callable[[], Answer]:
    return lambda: ask(urljoin(start, "/robots.txt"), config, source, guard)


def ask(url: str, config: Config, source: Source, guard: Guard) -> Answer:
    """Ask for a page once, as the crawler would, and read no more than its beginning. Follows no redirect."""
    # Here alone, as it takes a while to load.
    import urllib3

    try:
        pool, target, host = _pool(url, config, source, guard)
    except AddressRefused as error:
        return Answer(fault=str(error))
    except (OSError, UnicodeError) as error:
        return Answer(fault=str(getattr(error, "strerror", None) or error))
    headers = {"Host": host, "User-Agent": user_agent(config), "Connection": "close"}
    asked = monotonic()
    try:
        response = pool.urlopen(
            "GET", target, headers=headers, retries=False, redirect=False, preload_content=False,
            decode_content=False,
        )  # fmt: skip
        took = timedelta(seconds=monotonic() - asked)
        response.read(_READ)
        response.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return Answer(fault=_cause(error))
    finally:
        pool.clear() if isinstance(pool, urllib3.PoolManager) else pool.close()
    return Answer(response.status, ahead=_ahead(response.headers.get("Date", ""), datetime.now(UTC), took))


def _ahead(date: str, now: datetime, took: timedelta) -> timedelta | None:
    """How far the clock is ahead that wrote this, in the middle of so long; None: that cannot be read."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    if told.tzinfo is None:
        return None
    # It is written to the second, half of which has gone by at the mean.
    return told + timedelta(seconds=0.5) - (now - took / 2)


def _pool(url: str, config: Config, source: Source, guard: Guard) -> tuple[Any, str, str]:
    """Connections to the address that the host has, or to the proxy; what to ask for there, and of whom."""
    import urllib3

    name, host, context = urls.domain(url), host_header(url), _context(config, source)
    exempt = any(name == one or name.endswith(f".{one}") for one in config.crawl.no_proxy)
    if config.crawl.proxy and not exempt:
        guard.check_unresolved(name.strip("[]"), port_of(url))
        password = config.crawl.proxy_password
        login = f"{config.crawl.proxy_username}:{password.reveal()}" if password else None
        headers = urllib3.make_headers(proxy_basic_auth=login)
        timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
        manager = urllib3.ProxyManager(
            config.crawl.proxy, proxy_headers=headers, timeout=timeout, ssl_context=context
        )
        return manager, url, host
    address = usable_addresses(url, guard)[0]
    pool = connections(url, address, SECONDS, verify=source.verify_tls, context=context)
    return pool, "/robots.txt", host


def _context(config: Config, source: Source) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if config.crawl.ca_file is not None:
        context.load_verify_locations(config.crawl.ca_file)
    if not source.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _cause(error: BaseException) -> str:
    """Why, without the address, which the client repeats."""
    if said := connection_faults.first_said(error):
        words = connection_faults.in_words(said)
        return f"no TLS: {words}" if isinstance(said, ssl.SSLCertVerificationError) else words
    return "it did not answer in time" if "Timeout" in type(error).__name__ else type(error).__name__
