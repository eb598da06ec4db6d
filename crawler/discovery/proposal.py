"""What was found out about a site as plain values, and the source's file that it makes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.discovery.choice import Start
from crawler.discovery.results import Discovery, Sample
from presswatch.text.tokenizer import words
from presswatch.urls import without_www

# Links of each start page that are told, for programs and on a page.
_FIRST, _FEW = 10, 5


def source_values(found: Discovery, name: str = "", every: str = "") -> dict[str, Any]:
    """What the source's file says; `name` and `every`, if given, are the user's own."""
    values: dict[str, Any] = {
        "name": name or found.name or _host(found.url),
        "start": [start.url for start in found.chosen],
        **({"site": found.site} if found.site else {}),
        "schedule": {"every": every} if every else "auto",
    }
    if found.language:
        values["language"] = found.language
    if found.zone.zone:
        values["time_zone"] = found.zone.zone
    if found.country:
        values["country"] = found.country
    if found.render:
        values["render"] = True
    return values


def for_programs(found: Discovery) -> dict[str, Any]:
    """All of it as JSON says it, with the first links of each start; `source` is what its file would say."""
    starts = [
        {**asdict(start), "links": start.links[:_FIRST], "count": len(start.links), "newest": start.newest}
        for start in found.starts
    ]
    source = source_values(found) if found.chosen else None
    return {**asdict(found), "starts": starts, "rejected": found.rejected, "source": source}


def proposal(found: Discovery) -> dict[str, Any]:
    """What somebody needs to decide on a source of it, small enough to be kept as JSON.

    Instants are in ISO form (UTC), None where there is none. `source` is what the source's file would say,
    None when nothing can be read. `facts` are the model's, as plain values.
    """
    return {
        "url": found.url,
        "name": found.name,
        "zone_reason": found.zone.reason,
        "country_reason": found.country_reason,
        "pace_reason": found.pace.reason,
        "reason": found.reason,
        "notes": list(found.notes),
        "warnings": list(found.warnings),
        "starts": [_start(start) for start in found.starts],
        "samples": [_sample(sample) for sample in found.samples],
        "source": source_values(found) if found.chosen else None,
        "facts": asdict(found.repeated),
    }


def _start(start: Start) -> dict[str, Any]:
    return {
        "url": start.url,
        "kind": str(start.kind or ""),
        "how": start.how,
        "why": start.why,
        "chosen": start.chosen,
        "fetches": start.fetches,
        "count": len(start.links),
        "newest": _iso(start.newest),
        "links": [{"url": link.url, "title": link.title} for link in start.links[:_FEW]],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    told = {"url": sample.url, "kind": str(sample.kind or ""), "reason": sample.reason, "title": ""}
    if sample.article is None:
        return told
    article = sample.article
    return told | {
        "title": article.title,
        "published": _iso(article.published.instant if article.published else None),
        "authors": list(article.authors),
        "section": article.section,
        "words": len(words(article.text)),
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _host(url: str) -> str:
    return without_www(urlsplit(url).hostname or "source")
