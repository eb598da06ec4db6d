"""The form that the addresses of a source's articles have, such as `/{words}-a{number}.html`.

Only forms that tell an article from a section are known: with a number, an id, or a date. Names of sections
and headlines are words alike, so `/{words}/{words}` tells nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from urllib.parse import parse_qsl, unquote, urlsplit

# A form is that of so many pages, and of this share of them.
_FEWEST, _SHARE = 3, 0.2
_EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.I)
_SEPARATORS = "-_,;:.+~"
_SEPARATED = re.compile(rf"[^{_SEPARATORS}]+|[{_SEPARATORS}]+")
_NUMBERED = re.compile(r"([a-z]{0,10})(\d{3,})", re.I)
# Letters and digits among each other, as no word has them.
_ID = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{6,}", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:19|20)\d\d([-_.]?)[01]\d\1[0-3]\d(?!\d)")


def learn_forms(addresses: Iterable[str]) -> tuple[str, ...]:
    """The forms of a source's articles, by these addresses of some. Directories that all share are in it."""
    known = [path for url in addresses if (path := _path(url))]
    alike: defaultdict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for path in known:
        alike[tuple(map(_generic, path))].append(path)
    least = max(_FEWEST, ceil(_SHARE * len(known)))
    return tuple(
        sorted(
            _said(form, paths) for form, paths in alike.items() if len(paths) >= least and _is_telling(form)
        )
    )


def has_form(url: str, forms: Sequence[str]) -> bool:
    """Whether an address has one of these forms."""
    path = _path(url) if forms else []
    if not path:
        return False
    generic = list(map(_generic, path))
    # A number may be one that years have.
    numbers = [part.replace("{year}", "{number}") for part in generic]
    said = list(zip(path, generic, numbers, strict=True))
    return any(
        len(parts) == len(said) and all(part in one for part, one in zip(parts, said, strict=True))
        for parts in (form[1:].split("/") for form in forms)
    )


def _path(url: str) -> list[str]:
    """The parts of an address below its host, the last with the query."""
    parts = urlsplit(url)
    path = [unquote(part).replace("{", "") for part in parts.path.strip("/").split("/")]
    if parts.query:
        path[-1] += f"?{parts.query}"
    return path if any(path) else []


def _generic(part: str) -> str:
    """A part of an address with its words, numbers and ids by what they are."""
    name, mark, query = part.partition("?")
    if mark:
        # What answers a query has a name of its own, and no headline's.
        return f"{name}?{_query(query)}"
    extension = _EXTENSION.search(name)
    end = extension[0] if extension else ""
    return _words(name.removesuffix(end)) + end.lower()


def _query(query: str) -> str:
    if re.fullmatch(r"[a-z]+\d+", query):
        return re.sub(r"\d+", "{number}", query)
    told = parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{name}={'{number}' if value.isdigit() else value}" for name, value in sorted(told))


def _words(name: str) -> str:
    """A name with all but a date at its begin and numbers or ids at either end as `{words}`."""
    if _YEAR.fullmatch(name):
        return "{year}"
    if name.isdigit() and len(name) <= 2:
        return "{nn}"
    date = _DATE.match(name)
    rest = name[date.end() :] if date else name
    tokens = _SEPARATED.findall(rest.strip(_SEPARATORS))
    marks = list(map(_marked, tokens))
    begin = f"{marks[0]}{tokens[1]}" if len(tokens) > 1 and marks[0] else ""
    end = f"{tokens[-2]}{marks[-1]}" if len(tokens) > 1 and marks[-1] else ""
    if begin and end and len(tokens) == 3:
        whole = f"{begin}{marks[-1]}"
    elif len(tokens) == 1:
        whole = marks[0] or "{words}"
    else:
        whole = f"{begin}{{words}}{end}" if tokens else ""
    return f"{'{date}' if date else ''}{'-' if date and whole else ''}{whole}"


def _marked(token: str) -> str:
    """What a number or an id is called; empty for words, and for the numbers that headlines have."""
    if numbered := _NUMBERED.fullmatch(token):
        is_year = not numbered[1] and _YEAR.fullmatch(numbered[2])
        return "" if is_year else f"{numbered[1].lower()}{{number}}"
    return "{id}" if _ID.fullmatch(token) else ""


def _is_telling(form: Sequence[str]) -> bool:
    """Whether it has a number or an id, or a date and something below it."""
    is_dated = any(day in part for part in form for day in ("{year}", "{date}"))
    return bool(re.search(r"\{(?:number|id)\}", form[-1])) or (is_dated and "{words}" in form[-1])


def _said(form: Sequence[str], paths: Sequence[Sequence[str]]) -> str:
    """The form with what all of its addresses share as it is."""
    shared = [set(parts) for parts in zip(*paths, strict=True)]
    return "/" + "/".join(
        next(iter(same)) if len(same) == 1 and place + 1 < len(form) and "{words}" in generic else generic
        for place, (generic, same) in enumerate(zip(form, shared, strict=True))
    )
