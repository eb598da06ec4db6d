"""Which of the headlines that a page shows and declares is its title."""

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.extract.page.links import absolute
from crawler.extract.page.markup import Markup, strings
from crawler.extract.page.site_facts import keys_of, without_site
from crawler.extract.page.text import content, key, squeeze
from crawler.extract.page.trace import trace_field
from presswatch.model import Entry, Facts
from presswatch.text.folding import fold
from presswatch.urls import is_home, without_www

_WORDS = re.compile(r"[^\W_]{2,}")
# Of a heading's words, so many stand in an address that is made of them.
_FEWEST_WORDS, _AGREE = 3, 0.7
_SUFFIX = re.compile(r"\s*(?:\s[-–—|*·•»›⋆«:/]+\s|[|_：｜]|--|\s+\|\|\s+)\s*(?=\S)")
# What is left of a suffix without a name behind it.
_DANGLING = re.compile(r"\s+[-–—|•·]+\s*$")
_HYPHEN, _DASH = re.compile(r"\s-\s"), re.compile(r"\s[–—]\s")
_LIVE = re.compile(
    r"^(?:live(?:[- ]?(?:blog|ticker|updates?))?|en direct|directo|en vivo|diretta|ao vivo|直播|实时)\s*[:|"
    r"•–-]\s*(?=\S)",
    re.I,
)
# A site's name behind a bare hyphen, as plain systems write it: believed only where a title is completed.
_BARE_SUFFIX = re.compile(r"\s?[-_|–—](?=[A-Z\u3040-\u9fff\uac00-\ud7af])([^-_|–—]{2,40})$")
_UNDERSCORE = re.compile(r"_[^_]{1,40}$")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)$")
_LEAST_CUT, _LONGEST = 12, 400
# A word like "at" or a letter in place of a bar.
_SMALL = 4
_AROUND_KICKER = " :|–—-·•/+"
# Of a heading that stands for the title, in a script whose words have no spaces between them.
_LEAST_CJK, _CJK, _MOST_HEADINGS = 6, "\u1100", 30


@dataclass(frozen=True, slots=True)
class Headline:
    """`full` is the fullest form of the title, `cut` a shortened one that the page shows; `forms` all it was
    told by.
    """

    full: str
    cut: str
    forms: tuple[str, ...]


def find_title(markup: Markup, site_name: str, facts: Facts, entries: Sequence[Entry] = ()) -> Headline:
    """The page's title, from JSON-LD, the fields for sharing, its headings, its `<title>` and its feed.

    What `facts` say to be the site's is none, unless the page has nothing else.
    """
    declared = [strings(node.get("headline")) for node in markup.articles]
    names = {key(name) for name in site_names(markup, site_name)}
    elements = islice(markup.root.iter("h1", "h2", "h3"), _MOST_HEADINGS)
    titles = [
        markup.title,
        *markup.metas.get("og:title", ())[:1],
        *(text for texts in declared for text in texts),
    ]
    wholes = [key(title) for title in titles]
    headings = [(element, text) for element in elements if (text := _shown(element, wholes))]
    told = {
        "json-ld": [text[:_LONGEST] for texts in declared for text in texts][:3],
        "og": _texts(markup.metas.get("og:title", ())),
        "twitter": _texts(markup.metas.get("twitter:title", ())),
        "h1": _headings(markup, names, wholes),
        "heading": _parts_of_titles(markup, names, headings),
        "address": _said_by_address(markup, headings),
        "meta": _texts([markup.meta("parsely-title", "dc.title")]),
        "title": _texts([markup.title]),
        "feed": _texts(entry.title for entry in entries),
    }
    told = _without_site(told, [text for _, text in headings], facts)
    known = {key(text) for texts in told.values() for text in texts}
    forms = {witness: [_plain(text, names, known) for text in texts] for witness, texts in told.items()}
    chosen, reason = _choose({witness: texts[0] for witness, texts in forms.items() if texts})
    spellings = [
        text for witness in ("og", "json-ld", "h1") for text in forms[witness] if key(text) == key(chosen)
    ]
    everything = tuple(dict.fromkeys(text for texts in forms.values() for text in texts))
    headline = _completed(_best_spelt(spellings) or chosen, everything, names)
    _testify(told, forms, chosen, reason, headline)
    return headline


def _best_spelt(spellings: Sequence[str]) -> str:
    """The first of a title's spellings, or the one with a dash where that makes do with a hyphen."""
    first = next(iter(spellings), "")
    if not _HYPHEN.search(first):
        return first
    return next((one for one in spellings if _DASH.search(one) and not _HYPHEN.search(one)), first)


def _without_site(told: dict[str, list[str]], headings: Sequence[str], facts: Facts) -> dict[str, list[str]]:
    """The witnesses without what is known to be the site's.

    Where nothing is left, the first heading that is not, and as they are without one.
    """
    banners = keys_of(facts.banners)
    left = {
        witness: [without_site(text, facts) for text in texts if key(text) not in banners]
        for witness, texts in told.items()
    }
    if any(left.values()):
        return left
    others = [text for text in headings if key(text) not in banners] if banners else []
    return {**left, "heading": others[:1]} if others else told


def _testify(
    told: Mapping[str, Sequence[str]],
    forms: Mapping[str, Sequence[str]],
    chosen: str,
    reason: str,
    headline: Headline,
) -> None:
    for witness, texts in told.items():
        for raw, form in zip(texts, forms[witness], strict=True):
            if key(form) == key(headline.full):
                verdict = reason if key(form) == key(chosen) else "it goes on where the chosen one is cut off"
            elif key(form) == key(chosen):
                verdict = f"{reason}, but it is cut off"
            else:
                verdict = "it differs, and is believed less"
            trace_field("title", witness, raw, verdict, believed=key(form) == key(headline.full))


def _texts(values: Iterable[str]) -> list[str]:
    return [text for value in values if (text := squeeze(html.unescape(value[: 2 * _LONGEST]))[:_LONGEST])]


def _shown(element: HtmlElement, wholes: Sequence[str]) -> str:
    """A heading's text, without a first or last element that one of the page's titles does not have: a
    kicker, a mark.

    `wholes` are the keys of those titles.
    """
    text = content(element)[:_LONGEST]
    if len(element) == 0 or any(key(text) in whole for whole in wholes):
        return text
    for child in (element[0], element[-1]):
        said = content(child) if isinstance(child.tag, str) else ""
        rest = text.removeprefix(said) if text.startswith(said) else text.removesuffix(said)
        rest = rest.strip(_AROUND_KICKER)
        part, begin = key(rest), key(said)[:_LEAST_CUT]
        if not begin or len(part) < _least(rest) or any(begin in whole for whole in wholes):
            continue
        if any(whole.startswith(part) or whole.endswith(part) for whole in wholes):
            return rest
    return text


def _least(text: str) -> int:
    """How many letters a heading has that stands for a title."""
    return _LEAST_CJK if text[:1] > _CJK else _LEAST_CUT


def _headings(markup: Markup, names: Collection[str], wholes: Sequence[str]) -> list[str]:
    """The page's first-level headings; those said to be headlines first, the site's name never."""
    marked = sorted(markup.headings, key=lambda element: "headline" not in (element.get("itemprop") or ""))
    texts = [_shown(element, wholes) for element in marked[:20] if not _leads_home(element, markup)]
    return [text for text in texts if len(text) > 3 and key(text) not in names][:3]


def _parts_of_titles(
    markup: Markup, names: Collection[str], headings: Sequence[tuple[HtmlElement, str]]
) -> list[str]:
    """The longest heading that the page's `<title>` or its title for sharing begins or ends with: what stands
    besides is the section's or the site's name, whatever it is set off by.
    """
    wholes = [key(text) for text in (markup.title, *markup.metas.get("og:title", ())[:1])]
    found = []
    for element, text in headings:
        part = key(text)
        if len(part) < _least(text) or part in names or _leads_home(element, markup):
            continue
        if any(whole.startswith(part) or whole.endswith(part) for whole in wholes):
            found.append(text)
    return sorted(found, key=len, reverse=True)[:1]


def _said_by_address(markup: Markup, headings: Sequence[tuple[HtmlElement, str]]) -> list[str]:
    """The heading whose words the page's address is made of."""
    slug = unquote(urlsplit(markup.url).path).rstrip("/").rsplit("/", 1)[-1]
    words = set(_WORDS.findall(fold(slug.partition(".")[0])))
    for _, text in headings:
        said = _WORDS.findall(fold(text))
        if len(said) >= _FEWEST_WORDS and sum(word in words for word in said) >= _AGREE * len(said):
            return [text]
    return []


def _leads_home(element: HtmlElement, markup: Markup) -> bool:
    """Whether a heading is but a link to the site's front page."""
    anchors = element.findall(".//a[@href]") or [
        above for above in element.iterancestors("a") if above.get("href")
    ]
    if len(anchors) != 1:
        return False
    url = absolute(markup.base, anchors[0].get("href") or "")
    return bool(url) and is_home(url) and key(content(anchors[0])) == key(content(element))


def site_names(markup: Markup, site_name: str) -> list[str]:
    """What the site is called: by its source, by itself, and by its address."""
    host = urlsplit(markup.url).hostname or ""
    names = [site_name, *markup.metas.get("og:site_name", ()), *markup.metas.get("application-name", ())]
    names += strings([node.get("publisher") for node in markup.articles])
    labels = without_www(host).split(".")
    return [name for name in (*names, host, without_www(host), *labels[:-1]) if len(name) > 2]


def _plain(text: str, names: set[str], known: set[str]) -> str:
    """The text without the site's name and section after it, as far as a witness or the name proves it."""
    text = _LIVE.sub("", text) if len(text) > 25 else text
    ends = [match.start() for match in _SUFFIX.finditer(text)]
    for end in ends:
        if key(text[:end]) in known and len(text[:end]) > 3:
            return text[:end].strip()
    for start in reversed(ends):
        rest = key(text[start:])
        if rest and any(
            rest == name or (len(name) > 4 and name in rest and len(rest) < len(name) + 12) for name in names
        ):
            text = text[:start].strip()
        else:
            break
    begin = _SUFFIX.search(text)
    if begin and key(text[: begin.start()]) in names:
        text = text[begin.end() :].lstrip(" »/")
    return _DANGLING.sub("", text)


def _choose(forms: dict[str, str]) -> tuple[str, str]:
    """The chosen form and why.

    It is JSON-LD's, unless the fields made for sharing agree with one of two that differ on the page.
    If the page shows but one other form everywhere, all those fields were filled from one, and are one
    witness.
    """
    declared, shared = forms.get("json-ld", ""), forms.get("og", "")
    heading, titled = key(forms.get("h1", "")), key(forms.get("title", ""))
    shared_twice = bool(shared) and key(forms.get("twitter", "")) == key(shared)
    if declared and shared_twice and heading != titled and key(shared) in (heading, titled):
        return shared, "the fields for sharing agree with what the page shows, JSON-LD does not"
    if (
        not declared
        and heading
        and forms.get("heading")
        and key(forms["heading"]) == key(forms.get("address", ""))
    ):
        return forms["heading"], "the page's title and its address are made of this heading"
    fed = key(forms.get("feed", ""))
    shown = (forms[one] for one in ("h1", "heading", "og", "title") if one in forms)
    agreeing = next((form for form in shown if key(form) == fed), "") if fed else ""
    if not declared and agreeing:
        return agreeing, "the feed calls it so too"
    if not declared and heading and heading in (titled, key(shared)):
        return forms["h1"], "the heading agrees with another field"
    if not declared and forms.get("heading"):
        return forms["heading"], "the title of the page begins or ends with this heading"
    if not declared and forms.get("address") and heading != key(forms.get("og", "")):
        return forms["address"], "the page's address is made of its words"
    for witness in ("json-ld", "og", "meta", "h1", "feed", "title"):
        if forms.get(witness):
            return forms[witness], f"{witness} is believed first of those that are there"
    return "", ""


def _completed(chosen: str, forms: Sequence[str], names: Collection[str]) -> Headline:
    """The fullest form that goes on where the chosen one was cut off, with the cut form kept.

    What goes on with nothing but one of the site's `names` was not cut off.
    """
    begin = key(_ELLIPSIS.sub("", chosen))
    full = chosen
    if len(chosen) >= _LEAST_CUT:
        for form in (_without_bare_suffix(form, chosen) for form in forms):
            goes_on = (
                key(form).startswith(begin) and len(key(form)) > len(begin) and not _ELLIPSIS.search(form)
            )
            if (
                goes_on
                and not _is_name(form[len(chosen) :], names)
                and _is_cut(chosen, form)
                and len(form) > len(full)
            ):
                full = form
    cuts = [form for form in forms if form != full and len(form) >= _LEAST_CUT and _is_cut(form, full)]
    return Headline(full, max(cuts, key=len, default=""), tuple(forms))


def _is_name(rest: str, names: Collection[str]) -> bool:
    """Whether what follows a title is a site's name, and at most a small word before it."""
    said = key(rest)
    return any(said.endswith(name) and len(said) < len(name) + _SMALL for name in names if name)


def _without_bare_suffix(form: str, cut: str) -> str:
    """A longer form without the section and site that plain systems write behind underscores or a hyphen."""
    while len(form) > len(cut) and (match := _UNDERSCORE.search(form, pos=len(cut))):
        form = form[: match.start()].rstrip()
    match = _BARE_SUFFIX.search(form, pos=min(len(cut), len(form)))
    named = match and all(word[:1].isupper() or not word[:1].islower() for word in match[1].split())
    return form[: match.start()].rstrip() if match and named else form


def _is_cut(short: str, full: str) -> bool:
    """Whether the text ends in the middle of the other: at an ellipsis, or within a word or before a small
    one.
    """
    bare = _ELLIPSIS.sub("", short)
    if not full.startswith(bare) or len(full) <= len(bare):
        return False
    return bare != short or full[len(bare)].isalnum() or (full[len(bare)] == " " and len(short) >= 40)
