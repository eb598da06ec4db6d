"""The Harbour Gazette: WordPress-like, with JSON-LD, an RSS feed, and answers to conditional requests."""

import hashlib
import json
from collections.abc import Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup

from presswatch.demo.engines.base import Engine, Reply
from presswatch.demo.story import Story

if TYPE_CHECKING:
    from presswatch.demo.press import Outlet


class Harbour(Engine):
    id = "harbour"
    name = "The Harbour Gazette"
    language = "en"
    zone = "Europe/London"
    start = "/feed/"

    def path(self, story: Story) -> str:
        return f"/{self.local(story):%Y/%m/%d}/{story.slug}/"

    def answer(self, path: str, headers: Mapping[str, str], outlet: "Outlet") -> Reply:
        reply = super().answer(path, headers, outlet)
        if reply.status != 200:
            return reply
        etag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
        if headers.get("If-None-Match") == etag:
            return Reply(b"", reply.content_type, 304, {"ETag": etag})
        return Reply(reply.body, reply.content_type, 200, {"ETag": etag, "Cache-Control": "max-age=60"})

    def page(self, path: str, outlet: "Outlet") -> Reply | None:
        plain = urlsplit(path).path
        items = [(story, outlet.link(story)) for story in outlet.there()]
        if plain == "/feed/":
            dated = [(story, link, format_datetime(self.local(story))) for story, link in items]
            feed = self.render("harbour_feed.xml", items=dated, home=outlet.url)
            return Reply(feed.encode(), "application/rss+xml; charset=UTF-8")
        if plain == "/":
            return Reply(self.render("harbour_list.html", title=self.name, items=items).encode())
        if plain.startswith("/category/"):
            chosen = [(story, link) for story, link in items if story.section.lower() in plain]
            return Reply(self.render("harbour_list.html", title=plain.split("/")[2], items=chosen).encode())
        return None

    def article(self, story: Story, outlet: "Outlet") -> Reply:
        paragraphs = story.text_at(outlet.press.step)
        facts = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": self.local(story).isoformat(),
            "dateModified": self.local(story).isoformat(),
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
            popular=[(other, outlet.link(other)) for other in outlet.there()[-3:]],
        )
        return Reply(page.encode())
