"""The article's own links to related articles."""

import re

from crawler.extract.links import absolute
from crawler.extract.markup import Markup
from crawler.extract.text import content, squeeze
from crawler.extract.dates import read_time
from presswatch.model import Link, LinkKind

_HEADING = re.compile(
    r"^(?:related|read (?:more|also|next)|mehr zum thema|à lire aussi|más información|相关|関連|推荐)", re.I
)


def read_related(markup: Markup, zone: str) -> tuple[Link, ...]:
    links: dict[str, Link] = {}
    for element in markup.root.iter("h2", "h3", "h4", "h5", "div", "span", "p", "strong"):
        if len(element) < 3 and _HEADING.match(squeeze(element.text)):
            block = element.getparent()
            while block is not None and not block.xpath("count(.//a[@href]) > 0"):
                block = block.getparent()
            if block is None or block.tag in ("body", "html"):
                continue
            for anchor in block.iter("a"):
                url = absolute(markup.base, anchor.get("href") or "")
                title = squeeze(anchor.get("title")) or content(anchor)
                if url and url != markup.url and (title or url in links):
                    near = content(anchor.getparent())
                    known = links.get(url)
                    position = known.position if known else len(links)
                    if known and len(known.title) >= len(title):
                        title = known.title
                    links[url] = Link(
                        url, LinkKind.RELATED, position, title, read_time(near, "related block", zone)
                    )
    return tuple(links.values())
