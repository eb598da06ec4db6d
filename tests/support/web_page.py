"""An HTML page as its reader sees it: its links by their words, its fields by their names."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit


@dataclass
class WebPage(HTMLParser):
    """Feed it the text of a page. `words` are what it says, with single blanks."""

    links: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    _href: str | None = None
    _label: list[str] = field(default_factory=list)
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def words(self) -> str:
        return _plain("".join(self.said))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._href, self._label = given.get("href", ""), []
        if tag == "textarea":
            self._area = given.get("name", "")
            self.fields[self._area] = ""
        if tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href is not None:
            self.links.setdefault(_plain("".join(self._label)), self._href)
            self._href = None
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            # A line break right behind the tag is none of the text.
            self.fields[self._area] += data.removeprefix("\n")
            return
        self.said.append(data)
        self._label.append(data)


def read(text: str) -> WebPage:
    page = WebPage()
    page.feed(text)
    return page


def parameters(address: str) -> dict[str, str]:
    """Of an address, the last of each name."""
    return dict(parse_qsl(urlsplit(address).query))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
