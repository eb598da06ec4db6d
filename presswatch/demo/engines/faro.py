"""El Faro del Sur: a Spanish paper with a listing of several pages, an AMP copy of each article, and links
that tell where a reader came from."""

import re
from urllib.parse import parse_qs, urlsplit

from presswatch.demo.engines.base import Engine, Reply, Site
from presswatch.demo.story import Story

PAGE = 4
_NUMBERED = re.compile(r"/ultimas/page/(\d{1,4})/")
_MONTHS = ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre").split()  # noqa: SIM905  # twelve words in a line read better than a list


class Faro(Engine):
    id = "faro"
    name = "El Faro del Sur"
    language = "es"
    zone = "Europe/Madrid"
    country, kind, reach = "ES", "daily", 150_000
    start = "/ultimas/"

    def path(self, story: Story) -> str:
        return f"/{story.section.lower()}/{story.slug}/"

    def page(self, path: str, outlet: Site) -> Reply | None:
        parts = urlsplit(path)
        if parts.path in ("/", "/ultimas/") and "autor" not in parse_qs(parts.query):
            return self._listing(1, outlet)
        if numbered := _NUMBERED.fullmatch(parts.path):
            return self._listing(int(numbered[1]), outlet)
        if parts.path.endswith("/amp/"):
            for story in outlet.published():
                if parts.path == f"{self.path(story)}amp/":
                    return self._page("faro_amp.html", story, outlet)
        if "autor" in parse_qs(parts.query):
            return Reply(self.render("login.html", name=self.name).encode())
        return None

    def article(self, story: Story, outlet: Site) -> Reply:
        return self._page("faro.html", story, outlet)

    def _page(self, template: str, story: Story, outlet: Site) -> Reply:
        local = self.local(story)
        page = self.render(
            template,
            story=story,
            url=outlet.link(story),
            paragraphs=story.text_at(outlet.step),
            when=f"{local:%-d} de {_MONTHS[local.month - 1]} de {local:%Y} - {local:%H:%M}",
            iso=local.isoformat(),
            related=self.related(story, outlet, "%d/%m/%Y"),
        )
        return Reply(page.encode())

    def _listing(self, number: int, outlet: Site) -> Reply:
        there = outlet.published()
        last = -(-len(there) // PAGE)
        if not 1 <= number <= last:
            return self.missing()
        chosen = there[(number - 1) * PAGE : number * PAGE]
        tracked = [
            (story, f"{outlet.link(story)}?utm_source=portada&utm_medium=listado&utm_campaign=p{number}")
            for story in chosen
        ]
        return Reply(self.render("faro_list.html", items=tracked, number=number, last=last).encode())
