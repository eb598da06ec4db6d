"""The Harbour Gazette: WordPress-like, with JSON-LD, an RSS and a JSON feed, and answers to conditional
requests."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup

from presswatch.demo.engines.base import Engine, Reply, Site
from presswatch.demo.story import Story


class Harbour(Engine):
    id = "harbour"
    name = "The Harbour Gazette"
    language = "en"
    zone = "Europe/London"
    country, kind, reach = "GB", "weekly", 42_000
    start = "/feed/"

    def path(self, story: Story) -> str:
        return f"/{self.local(story):%Y/%m/%d}/{story.slug}/"

    def answer(self, path: str, headers: Mapping[str, str], outlet: Site) -> Reply:
        reply = super().answer(path, headers, outlet)
        if reply.status != 200:
            return reply
        validators = {"ETag": f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"', **reply.headers}
        if _is_known(headers, validators):
            return Reply(b"", reply.content_type, 304, validators)
        return Reply(reply.body, reply.content_type, 200, {**validators, "Cache-Control": "max-age=60"})

    def page(self, path: str, outlet: Site) -> Reply | None:
        plain = urlsplit(path).path
        items = [(story, outlet.link(story)) for story in outlet.published()]
        if plain == "/feed/":
            dated = [(story, link, format_datetime(self.local(story))) for story, link in items]
            feed = self.render("harbour_feed.xml", items=dated, home=outlet.url)
            return Reply(feed.encode(), "application/rss+xml; charset=UTF-8", headers=_dated(outlet))
        if plain == "/feed/json/":
            feed = json.dumps(self._json_feed(outlet), ensure_ascii=False)
            return Reply(feed.encode(), "application/feed+json", headers=_dated(outlet))
        if plain == "/":
            return Reply(self.render("harbour_list.html", title=self.name, items=items).encode())
        if plain.startswith("/category/"):
            chosen = [(story, link) for story, link in items if story.section.lower() in plain]
            return Reply(self.render("harbour_list.html", title=plain.split("/")[2], items=chosen).encode())
        return None

    def article(self, story: Story, outlet: Site) -> Reply:
        paragraphs = story.text_at(outlet.step)
        facts = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": self.local(story).isoformat(),
            "dateModified": self._modified(story, outlet),
            "author": [{"@type": "Person", "name": author} for author in story.authors],
            "publisher": {"@type": "Organization", "name": self.name},
            "articleSection": story.section,
            "keywords": list(story.tags),
            "mainEntityOfPage": outlet.link(story),
            "inLanguage": "en-GB",
        }
        page = self.render(
            "harbour.html",
            story=story,
            url=outlet.link(story),
            json_ld=Markup(json.dumps(facts).replace("<", "\\u003c")),  # noqa: S704  # nothing in it ends the script
            paragraphs=paragraphs,
            when=f"{self.local(story):%-d %B %Y, %-I:%M %p}",
            related=self.related(story, outlet, "%-d %B %Y"),
            popular=[(other, outlet.link(other)) for other in outlet.published()[-3:]],
        )
        return Reply(page.encode())

    def _modified(self, story: Story, outlet: Site) -> str:
        return story.modified(outlet.step).astimezone(ZoneInfo(self.zone)).isoformat()

    def _json_feed(self, outlet: Site) -> dict[str, object]:
        """The same as the RSS feed, by https://www.jsonfeed.org/version/1.1/."""
        return {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.name,
            "home_page_url": f"{outlet.url}/",
            "feed_url": f"{outlet.url}/feed/json/",
            "language": "en-GB",
            "items": [
                {
                    "id": outlet.link(story),
                    "url": outlet.link(story),
                    "title": story.title,
                    "content_text": story.paragraphs[0],
                    "date_published": self.local(story).isoformat(),
                    "date_modified": self._modified(story, outlet),
                    "authors": [{"name": author} for author in story.authors],
                    "tags": list(story.tags),
                }
                for story in outlet.published()
            ],
        }


def _dated(outlet: Site) -> dict[str, str]:
    return {"Last-Modified": format_datetime(outlet.clock, usegmt=True)}


def _is_known(asked: Mapping[str, str], validators: Mapping[str, str]) -> bool:
    """Whether a reader has this already. A date counts only where no ETag was given (RFC 9110, 13.1.3)."""
    if etag := asked.get("If-None-Match"):
        return etag == validators["ETag"]
    since, changed = asked.get("If-Modified-Since"), validators.get("Last-Modified")
    return bool(since and changed and _instant(changed) <= _instant(since))


def _instant(http_date: str) -> datetime:
    return parsedate_to_datetime(http_date)
