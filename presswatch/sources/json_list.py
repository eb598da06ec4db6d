"""JSON as other programs export their feeds or watches: miniflux, changedetection.io, NewsBlur, tt-rss."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from presswatch.errors import UsageError
from presswatch.sources.entry import Item, entry

_FEED = ("feed_url", "feedUrl", "xmlUrl", "xml_url", "feed_address", "feedURL")
_SITE = ("site_url", "siteUrl", "htmlUrl", "html_url", "feed_link", "url", "link", "website", "homepage")
_TITLE = ("title", "feed_title", "name", "text", "label")
_TAGS = ("category", "categories", "tags", "tag", "folder")
_PAUSED = ("disabled", "paused")


def items(text: str) -> Iterator[Item]:
    """The outlets of a JSON text. Raises UsageError for what is none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it begins like JSON, and is none: {str(error)[:200]}") from error
    try:
        yield from _within(told, _names_of_tags(told))
    except RecursionError as error:
        raise UsageError("its JSON is nested too deeply for a list of sources") from error


def _within(told: Any, names: Mapping[str, str]) -> Iterator[Item]:
    if isinstance(told, str):
        # changedetection.io and others take a list of addresses alone.
        yield entry(told, "")
    elif isinstance(told, list):
        for one in told:
            if isinstance(one, dict | list | str):
                yield from _within(one, names)
    elif isinstance(told, dict):
        feed, site = _said(told, _FEED), _said(told, _SITE)
        if feed or site:
            paused = any(told.get(key) is True for key in _PAUSED)
            yield entry(feed, site, _said(told, _TITLE), _tags(told, names), paused=paused)
            return
        for key, one in told.items():
            # changedetection.io's list of what was watched by an address.
            if isinstance(one, dict | list) and key not in ("settings", "history", *_TAGS):
                yield from (found for found in _within(one, names))


def _said(told: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((told[key] for key in keys if isinstance(told.get(key), str) and told[key].strip()), "")


def _tags(told: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    for key in _TAGS:
        given = told.get(key)
        for one in given if isinstance(given, list) else [given]:
            name = _said(one, _TITLE) if isinstance(one, dict) else one
            if isinstance(name, str):
                yield from (names.get(part.strip(), part) for part in name.split(","))


def _names_of_tags(told: Any) -> dict[str, str]:
    """What changedetection.io's tags are called, by the ids that its watches name."""
    found = told
    for key in ("settings", "application", "tags"):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return {}
    return {
        id_: one["title"]
        for id_, one in found.items()
        if isinstance(one, dict) and isinstance(one.get("title"), str)
    }
