"""Meridian Daily: an old PHP system fed with machine translations. Its listings, and even its headlines, are
cut; its summaries repeat the text; characters get lost; nothing says when a page was changed."""

from urllib.parse import parse_qs, urlsplit

from presswatch.demo.engines.base import Engine, Reply, Shown, Site
from presswatch.demo.story import Story

CUT = 60
SUMMARY = 240


class Meridian(Engine):
    id = "meridian"
    name = "Meridian Daily"
    language = "en"
    zone = "Asia/Shanghai"
    country, kind, reach = "CN", "online", 1_200_000
    start = "/html/international/"

    def path(self, story: Story) -> str:
        return f"/html/{story.section}/{story.slug}.html"

    def cut(self, title: str) -> str:
        return title[:CUT].rstrip()

    def page(self, path: str, outlet: Site) -> Reply | None:
        parts = urlsplit(path)
        sections = sorted({story.section for story in outlet.stories})
        if parts.path == "/":
            return self._listing("Meridian Daily", outlet.published(), outlet, sections)
        if parts.path == "/plus/member.php":
            return Reply(self.render("login.html", name=self.name).encode())
        if parts.path == "/plus/count.php":
            return Reply(f"document.write('{outlet.visits}');".encode(), "text/javascript")
        if parts.path == "/plus/view.php" and "aid" in parse_qs(parts.query):
            # The old system answers 200 for what it does not have.
            return Reply(self.render("soft404.html", name=self.name).encode())
        for section in sections:
            if parts.path == f"/html/{section}/":
                chosen = [story for story in outlet.published() if story.section == section]
                return self._listing(section, chosen, outlet, sections)
        return None

    def article(self, story: Story, outlet: Site) -> Reply:
        paragraphs = story.text_at(outlet.step)
        related = [
            Shown(link.url, self.cut(link.title), link.when)
            for link in self.related(story, outlet, "%Y-%m-%d %H:%M")
        ]
        page = self.render(
            "meridian.html",
            story=story,
            cut=self.cut(story.title),
            summary=(_misread(paragraphs[0]) if story.mojibake else paragraphs[0])[:SUMMARY],
            # Of the full-width colon only the first two bytes are left.
            colon="\udcef\udcbc" if story.damaged else ":",
            paragraphs=[_lost(part, story) for part in paragraphs],
            when=f"{self.local(story):%Y-%m-%d %H:%M}",
            related=related,
            clicks=outlet.visits,
        )
        return Reply(self._encoded(page), "text/html")

    def _listing(self, title: str, chosen: list[Story], outlet: Site, sections: list[str]) -> Reply:
        rows = [
            Shown(outlet.link(story), self.cut(story.title), f"{self.local(story):%Y-%m-%d %H:%M}")
            for story in chosen
        ]
        return Reply(
            self._encoded(self.render("meridian_list.html", title=title, rows=rows, sections=sections)),
            "text/html",
        )

    def _encoded(self, page: str) -> bytes:
        return page.encode("utf-8", "surrogateescape")


def _lost(paragraph: str, story: Story) -> str:
    if story.mojibake:
        return _misread(paragraph)
    # A byte of a full-width closing character stays behind when the rest is cut off.
    return f"{paragraph} \udce3" if story.damaged else paragraph


def _misread(text: str) -> str:
    """UTF-8 that somebody once read as Windows-1252, whose five unused bytes stand for themselves on the web
    (WHATWG Encoding Standard): so it can be undone."""
    unused = b"\x81\x8d\x8f\x90\x9d"
    return "".join(chr(byte) if byte in unused else bytes([byte]).decode("cp1252") for byte in text.encode())
