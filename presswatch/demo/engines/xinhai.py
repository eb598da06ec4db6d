"""新海晚报: a Chinese evening paper, written in GB18030 as only its own pages say."""

from urllib.parse import urlsplit

from presswatch.demo.engines.base import Engine, Reply, Site
from presswatch.demo.story import Story


class Xinhai(Engine):
    id = "xinhai"
    name = "新海晚报"
    language = "zh"
    zone = "Asia/Shanghai"
    country, kind, reach = "CN", "agency", 2_500_000
    start = "/news/"

    def path(self, story: Story) -> str:
        return f"/{self.local(story):%Y-%m/%d}/content_{story.slug}.htm"

    def page(self, path: str, outlet: Site) -> Reply | None:
        if urlsplit(path).path not in ("/", "/news/"):
            return None
        items = [
            (story, outlet.link(story), f"{self.local(story):%Y年%m月%d日 %H:%M}")
            for story in outlet.published()
        ]
        return self._reply(self.render("xinhai_list.html", items=items))

    def article(self, story: Story, outlet: Site) -> Reply:
        page = self.render(
            "xinhai.html",
            story=story,
            paragraphs=story.text_at(outlet.step),
            when=f"{self.local(story):%Y年%m月%d日 %H:%M}",
            related=self.related(story, outlet, "%m-%d %H:%M"),
        )
        return self._reply(page)

    def _reply(self, page: str) -> Reply:
        return Reply(page.encode("gb18030"), "text/html")
