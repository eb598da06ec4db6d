"""L'Estuaire: a French paper with an Atom feed and "À lire aussi" between its paragraphs."""

from urllib.parse import urlsplit

from presswatch.demo.engines.base import Engine, Reply, Site
from presswatch.demo.story import Story

_MONTHS = ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre").split()  # noqa: SIM905  # twelve words in a line read better than a list


class Estuaire(Engine):
    id = "estuaire"
    name = "L’Estuaire"
    language = "fr"
    zone = "Europe/Paris"
    country, kind, reach = "FR", "daily", 310_000
    start = "/atom.xml"

    def path(self, story: Story) -> str:
        return f"/{_slug(story.section)}/article/{story.slug}"

    def page(self, path: str, outlet: Site) -> Reply | None:
        plain = urlsplit(path).path
        if plain == "/atom.xml":
            items = [(story, outlet.link(story), story.published.isoformat()) for story in outlet.published()]
            feed = self.render("estuaire_feed.xml", items=items, home=outlet.url)
            return Reply(feed.encode(), "application/atom+xml")
        if plain == "/edition-du-soir":
            return Reply(self.render("estuaire_consent.html").encode())
        sections = {_slug(story.section) for story in outlet.stories}
        if plain == "/" or plain.strip("/") in sections:
            chosen = [story for story in outlet.published() if plain == "/" or _slug(story.section) in plain]
            links = [(story, outlet.link(story)) for story in chosen]
            return Reply(self.render("estuaire_list.html", items=links).encode())
        return None

    def article(self, story: Story, outlet: Site) -> Reply:
        local = self.local(story)
        page = self.render(
            "estuaire.html",
            story=story,
            url=outlet.link(story),
            paragraphs=story.text_at(outlet.step),
            when=f"{local:%-d} {_MONTHS[local.month - 1]} {local:%Y à %Hh%M}",
            iso=local.isoformat(),
            related=self.related(story, outlet, "%d/%m/%Y"),
        )
        return Reply(page.encode())


def _slug(section: str) -> str:
    return section.lower().replace("é", "e")
