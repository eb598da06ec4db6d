"""Küstenblatt: a German paper without a feed; its robots.txt names its sitemaps and keeps a path closed."""

import gzip
from datetime import timedelta
from urllib.parse import urlsplit

from presswatch.demo.engines.base import Engine, Reply, Site
from presswatch.demo.story import Story

_MONTHS = ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember").split()  # noqa: SIM905  # twelve words in a line read better than a list

# A news sitemap holds the last two days, as search engines ask of it.
_NEWS = timedelta(days=2)
# A page differs at every visit by its counter and its advertisement, and is the same all the while.
_ADVERTISEMENTS = (
    "Ölzeug Petersen: Friesennerze jetzt im Dreierpack, nur solange der Wind reicht.",
    "Fahrschule Kogge: der Bootsführerschein an vier Wochenenden, Schwimmweste inklusive.",
    "Teekontor am Siel: zu jeder Kanne ein Kluntje gratis, täglich außer bei Sturmflut.",
)


class Kuestenblatt(Engine):
    id = "kuestenblatt"
    name = "Küstenblatt"
    language = "de"
    zone = "Europe/Berlin"
    country, kind, reach = "DE", "daily", 96_000
    start = "/sitemap.xml"

    def path(self, story: Story) -> str:
        return f"/{story.section.lower()}/{story.slug}-{sum(story.slug.encode()) + 10_000}.html"

    def page(self, path: str, outlet: Site) -> Reply | None:
        plain = urlsplit(path).path
        if plain == "/robots.txt":
            rules = f"User-agent: *\nDisallow: /intern/\nSitemap: {outlet.url}/sitemap.xml\n"
            return Reply(rules.encode(), "text/plain")
        if plain == "/sitemap.xml":
            index = self.render(
                "kuestenblatt_index.xml",
                home=outlet.url,
                now=outlet.clock.isoformat(timespec="seconds"),
            )
            return Reply(index.encode(), "application/xml")
        if plain == "/sitemap-news.xml.gz":
            items = self._dated(outlet, recent=True)
            news = self.render(
                "kuestenblatt_news.xml", items=items, closed=f"{outlet.url}/intern/dienstplan.html"
            )
            return Reply(gzip.compress(news.encode(), mtime=0), "application/gzip")
        if plain == "/sitemap-archiv.xml":
            archive = self.render("kuestenblatt_archive.xml", items=self._dated(outlet, recent=False))
            return Reply(archive.encode(), "application/xml")
        if plain.startswith("/intern/"):
            return Reply(self.render("login.html", name=self.name).encode())
        if plain == "/":
            links = [(story, outlet.link(story)) for story in outlet.published()]
            return Reply(self.render("kuestenblatt_list.html", items=links).encode())
        return None

    def _dated(self, outlet: Site, recent: bool) -> list[tuple[Story, str, str]]:
        """The articles of one of the two sitemaps, with their addresses and times."""
        oldest = outlet.clock - _NEWS
        return [
            (story, outlet.link(story), self.local(story).isoformat())
            for story in outlet.published()
            if (story.published >= oldest) is recent
        ]

    def article(self, story: Story, outlet: Site) -> Reply:
        local = self.local(story)
        visits = outlet.visits
        page = self.render(
            "kuestenblatt.html",
            story=story,
            url=outlet.link(story),
            paragraphs=story.text_at(outlet.step),
            when=f"{local:%-d}. {_MONTHS[local.month - 1]} {local:%Y, %H:%M} Uhr",
            iso=local.isoformat(),
            related=self.related(story, outlet, "%d.%m.%Y"),
            visits=visits,
            advertisement=_ADVERTISEMENTS[visits % len(_ADVERTISEMENTS)],
        )
        return Reply(page.encode())
