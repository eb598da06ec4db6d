"""Live blogs: every entry is kept as one."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from presswatch.model import Article, BlockKind, Hints, Page

LEAD = (
    "<p>The ferry Aurora ran aground off Saltmouth this morning with two hundred people on board. What is "
    "known so far, and what is not, in the order in which it became known to us here at the harbour.</p>"
)
SAID = [
    "The last of the passengers has come ashore. The harbour master thanks the crews of two fishing boats.",
    "A tug from the next port has arrived and takes the first line. The tide turns in an hour from now.",
    "The captain has been heard by the police. The owner says that the radar had been reset in the evening.",
    "The lifeboat is alongside. Those with small children go first, and a school class sings meanwhile.",
]
HEADS = ["All ashore", "Tug arrives", "Police hear the captain", "Lifeboat alongside"]
MARKUPS = {
    "article and time": '<article class="entry e{n}"><time datetime="2026-11-20T{h}:05:00Z">{h}:05</time>'
    "<h3>{head}</h3><p>{text}</p><p>{more}</p></article>",
    "a line that begins with the time": '<div class="lb-post" id="p{n}"><span class="t">{h}:05</span>'
    "<h2>{head}</h2><div class=body><p>{text}</p><p>{more}</p></div></div>",
    "list": "<li class=update><p><b>{h}.05 Uhr</b></p><h4>{head}</h4><p>{text}</p><p>{more}</p></li>",
}
MORES = [
    "Blankets and tea were handed out in the fish hall, where three doctors looked at everybody who wished.",
    "Until then the fairway stays closed to larger ships, and a barge from the north supplies the island.",
    "Whether that has to do with the accident is not known; the recorder was taken to the capital this noon.",
    "Our colleague Maud Ellery stands at the quay and counts eleven dogs, two parrots and a very quiet goat.",
]


def page(entries: str, title: str = "LIVE: Ferry Aurora aground off Saltmouth, all safe") -> Page:
    head = f"<!doctype html><html lang=en><title>{title}</title><body><main><h1>{title}</h1>"
    html = f"{head}{LEAD}{entries}</main>"
    url = "https://gazette.example/2026/11/20/ferry-live"
    return Page(url, url, 200, datetime(2026, 11, 20, 15, tzinfo=UTC), html.encode(), "text/html")


@pytest.mark.parametrize("markup", MARKUPS.values(), ids=MARKUPS)
def test_an_entry_is_one_block_with_its_headline(markup: str) -> None:
    entries = "".join(
        markup.format(n=number, h=14 - number, head=head, text=text, more=more)
        for number, (head, text, more) in enumerate(zip(HEADS, SAID, MORES, strict=True))
    )
    found = read_article(page(f"<div class=stream>{entries}</div>"), Hints())
    assert isinstance(found, Article)
    live = [block.text for block in found.blocks if block.kind is BlockKind.LIVE_ENTRY]
    assert [text.split("\n") for text in live] == [
        list(parts) for parts in zip(HEADS, SAID, MORES, strict=True)
    ]
    assert found.blocks[0].kind is BlockKind.PARAGRAPH, "what leads to the entries is none"
    assert found.title == "Ferry Aurora aground off Saltmouth, all safe"


def test_a_plain_article_has_no_entries() -> None:
    paragraphs = "".join(f"<p>{text} {more}</p>" for text, more in zip(SAID, MORES, strict=True))
    found = read_article(page(paragraphs, "Ferry Aurora aground off Saltmouth"), Hints())
    assert isinstance(found, Article)
    assert {block.kind for block in found.blocks} == {BlockKind.PARAGRAPH}
