"""URL rules: what is one address written in two ways, and what belongs to one site.

Normalisation follows RFC 3986 section 6.2 (case, percent-encoding, dot segments, default ports) and drops
what does not name the page: the fragment, the parameters that only track readers, and session ids.
"""

import ipaddress
import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters by which publishers and networks tell where a reader came from. None of them selects content on
# any site that we know; what does on some (`cmp`, `spm`, `pk_id`, `ncid`) is not among them.
_TRACKING = re.compile(
    r"(?:utm_.*|mtm_.*|matomo_.*|hsa_.*|at_(?:medium|campaign|link.*|ptr.*|bbc.*|format)|_hs(?:enc|mi)"
    r"|__hs(?:tc|sc|fp)|hsctatracking|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|gad_(?:source|campaignid)|srsltid"
    r"|msclkid|yclid|ysclid|_openstat|twclid|ttclid|li_fat_id|igshid|igsh|epik|rb_clickid|_branch_match_id"
    r"|mc_[ce]id|mkt_tok|vero_id|wickedid|oly_(?:anon|enc)_id|_ga|_gl|ref_src|ref_url|cmpid|intcid"
    r"|int_(?:source|medium|campaign)|ns_(?:mchannel|source|campaign)|tpcc|xtor|xtref|wt_mc|wtmc"
    r"|wt\.(?:mc|tsrc|nav)(?:_.*)?|share_token|fb_(?:ref|source|action.*)|ftag|guccounter"
    r"|guce_.*|s_cid|s_kwcid|ef_id|tblci|dicbo|oborigurl|traffic_source|trkcampaign|__twitter_impression)",
    re.IGNORECASE,
)
# Another one at each visit: by name alone, or by name and a value as only session ids have it.
# `s` is none: image servers sign their addresses with it.
_SESSION_NAME = r"jsessionid|phpsessid|aspsessionid[a-z]*|session_?id|sess_?id|oscsid|zenid|cftoken"
_SESSION = re.compile(
    rf"(?:{_SESSION_NAME})(?:=.*)?|(?:sid|sess|session)=(?:[0-9a-f]{{32,}}|[0-9a-z]{{26}})", re.IGNORECASE
)
# In a path: Java's parameter, and the segment of ASP.NET.
_PATH_SESSION = re.compile(rf"(?:;|%3B)(?:{_SESSION_NAME}|sid)(?:=|%3D)[^;]*", re.IGNORECASE)
_SESSION_SEGMENT = re.compile(r"\([AFS]\([0-9a-z]{16,}\)\)", re.IGNORECASE)
# An ampersand that was written as markup once too often.
_MARKUP_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_MANGLED_AMPERSAND = re.compile(r"&(?:amp(?:;|%3B))+", re.IGNORECASE)
_UNRESERVED = "-._~"
_PATH_SAFE = "/!$&'()*+,;=:@%" + _UNRESERVED
# A path in which nothing is to be changed, unless it has dot segments.
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/!$'*+,=:@_.~-]*")
_QUERY_SAFE = _PATH_SAFE + "?"
# Browsers drop these anywhere in an address; a blank within it is encoded instead.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_BEFORE_QUERY = re.compile(r"[^?#]*")
_HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# By what an address says that it is a copy of an article for phones or for print.
_COPY = re.compile(
    r"(?:^|[/._?&=-])(?:amp|print|printer|drucken|mobile|m|outputtype|plain)(?=$|[/._&=-])", re.IGNORECASE
)
# What may stand behind an article's path: a copy, a further page, the server's name for the folder itself.
_BELOW_ARTICLE = re.compile(
    r"amp|print|printer|drucken|mobile|plain|all|full|single|page|seite|p|\d{1,3}|(?:index|default)\.\w+",
    re.IGNORECASE,
)
# A scheme that lost or changed a sign, or none before a host.
_MISTYPED = re.compile(
    r"(?:(?P<scheme>[A-Za-z]{2,7})(?:[:;.]\s?/{1,3}|//)|//)?(?P<rest>[^\s/@:]+\.[^\s/@:]+(?::\d+)?(?:[/?#]\S*)?)"
)
_DIGITS = re.compile(r"\d{5,}")
# Years, months and days, with or without the time of day: two articles of one day have them in common.
_DATE = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])\d*)?"
    r"|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)?\d\d"
)


def normalize(url: str, base: str = "") -> str | None:
    """The one form of this address, resolved against `base`; None when it is no http(s) URL.

    A fixed point: the form of a form is itself.
    """
    text = _MARKUP_AMPERSAND.sub("&", _CONTROL.sub("", url)).strip()
    # A backslash is a slash to browsers (https://url.spec.whatwg.org/#special-scheme), and so to publishers.
    text = _BEFORE_QUERY.sub(lambda match: match[0].replace("\\", "/"), text, count=1)
    try:
        absolute = urljoin(base, text) if base else text
        return (_known_form if len(absolute) < _LONG else _normal_form)(absolute)
    except ValueError:
        return None


def hint(url: str) -> str:
    """What is meant by what is no address, as `; do you mean …?`; "" where nobody can tell."""
    found = _MISTYPED.fullmatch(url.strip().strip("“”„«»‘’'\"<>"))
    if found is None or (found["scheme"] and not _is_like_http(found["scheme"])):
        return ""
    # Who mistypes http says which of the two; who says none gets what most sites have.
    is_plain = found["scheme"] and "s" not in found["scheme"].casefold()
    meant = normalize(f"{'http' if is_plain else 'https'}://{found['rest']}")
    return f"; do you mean {meant}?" if meant else ""


def _is_like_http(scheme: str) -> bool:
    return scheme.casefold() == "feed" or bool(get_close_matches(scheme.casefold(), ("http", "https"), 1))


def _normal_form(url: str) -> str | None:
    """Of an absolute address. Raises ValueError."""
    parts = urlsplit(url)
    port = parts.port
    host = _host_name(parts.hostname or "")
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host or port == 0 or parts.username is not None:
        return None
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    return urlunsplit((scheme, netloc, _path(parts.path), _query(parts.query), ""))


# The same links stand on every page of a site. Longer ones than these are not remembered.
_LONG = 500
_known_form = lru_cache(4096)(_normal_form)


def host(url: str) -> str:
    """The politeness unit of a normalised URL: `host:port`, the port always said."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    bracketed = f"[{name}]" if ":" in name else name
    return f"{bracketed}:{parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)}"


def domain(url: str) -> str:
    """The host name of a URL, without port."""
    return (urlsplit(url).hostname or "").lower()


def without_www(name: str) -> str:
    """A host's name without the `www.` before it: the same site to every reader."""
    return name.removeprefix("www.")


def site(url: str) -> str:
    """What one publisher owns: the registrable domain, whatever the scheme and the port.

    For addresses and bare names (of an intranet, say) it is the host without `www.`, with its port unless
    that is the default one of http or https.
    """
    name = domain(url)
    if registered := registrable(name):
        return registered
    parts = urlsplit(url)
    bare = f"[{name}]" if ":" in name else without_www(name)
    return bare if parts.port in (None, *_DEFAULT_PORTS.values()) else f"{bare}:{parts.port}"


def same_site(one: str, other: str) -> bool:
    """Whether two URLs belong to one publisher's site."""
    return site(one) == site(other)


def is_home(url: str) -> bool:
    """Whether a URL is a site's front page."""
    parts = urlsplit(url)
    return parts.path in ("", "/", "/index.html", "/index.htm", "/index.php") and not parts.query


def is_copy(url: str) -> bool:
    """Whether an address says of itself that it is a copy for phones or for print."""
    return bool(_COPY.search(url))


def is_above(url: str, page: str) -> bool:
    """Whether a page lies below this address: a section then, not the page's own address.

    What lies below an article is its copies and further pages.
    """
    above, below = _segments(url), _segments(page)
    if not same_site(url, page) or len(above) >= len(below) or below[: len(above)] != above:
        return False
    return not all(_BELOW_ARTICLE.fullmatch(segment) for segment in below[len(above) :])


def article_numbers(url: str) -> frozenset[str]:
    """The numbers of five digits or more by which a site may know an article: those in the last segment of
    the path, and a segment before it that is nothing else. Dates are none."""
    segments = _segments(url)
    before = [segment for segment in segments[-2:-1] if segment.isdecimal()]
    numbers = _DIGITS.findall(" ".join((*before, *segments[-1:])))
    return frozenset(number for number in numbers if number.isascii() and not _DATE.fullmatch(number))


@cache
def _extract() -> Callable[[str], Any]:
    import tldextract

    # The list that the package brings: nothing is fetched, nothing is written. Its private part tells the
    # blogs of one hosting service apart.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(4096)
def registrable(name: str) -> str:
    """The registrable domain of a host name; empty for addresses, bare names and public suffixes."""
    return str(_extract()(name).top_domain_under_public_suffix)


@lru_cache(4096)
def _host_name(name: str) -> str:
    """The name in lower case and punycode, an IPv6 address in its shortest form; empty if it is neither."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    if not name.isascii():
        # Its tables take as long to load as all else here, and most names need none.
        import idna

        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            return ""
    name = name.rstrip(".").lower()
    return name if _HOST.fullmatch(name) else ""


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]


def _path(path: str) -> str:
    """The path without dot segments (RFC 3986 5.2.4), those in percent-encoding included, and sessions."""
    if _PLAIN_PATH.fullmatch(path) and "/." not in path:
        return path
    segments: list[str] = []
    parts = (_MANGLED_AMPERSAND.sub("&", _encode(path, _PATH_SAFE)) or "/").split("/")
    for place, written in enumerate(parts):
        segment = _PATH_SESSION.sub("", written)
        if _SESSION_SEGMENT.fullmatch(segment) and place < len(parts) - 1:
            continue
        if segment == "..":
            segments = segments[:-1] or [""]
        if segment not in (".", ".."):
            segments.append(segment)
        elif place == len(parts) - 1:
            segments.append("")
    return "/".join(segments) or "/"


def _query(query: str) -> str:
    if not query:
        return ""
    parts = _MANGLED_AMPERSAND.sub("&", "&" + _encode(query, _QUERY_SAFE)).split("&")
    return "&".join(part for part in parts if part and not _names_no_page(part))


def _names_no_page(parameter: str) -> bool:
    return bool(_TRACKING.fullmatch(parameter.split("=", 1)[0]) or _SESSION.fullmatch(parameter))


def _encode(text: str, safe: str) -> str:
    """Percent-encoding as RFC 3986 6.2.2 wants it: upper case, and only where it is needed."""
    decoded = re.sub(r"%([0-9A-Fa-f]{2})", _decode_unreserved, text)
    marked = re.sub(r"%(?![0-9A-F]{2})", "%25", decoded)
    return quote(marked, safe=safe, errors="replace")


def _decode_unreserved(match: re.Match[str]) -> str:
    character = unquote(match[0]) if int(match[1], 16) < 128 else ""
    return character if character.isalnum() or (character and character in _UNRESERVED) else match[0].upper()
