# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""The fields of an article, each where a page makes it hard."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from presswatch.model import Article, BlockKind, Hints, Page, Selectors
from support.articles import NOW, TEXT, TITLE, URL, read


def article(
    body: str = TEXT, head: str = "", *, url: str = URL, hints: Hints | None = None, title: str = ""
) -> Article:
    shown = title or TITLE
    raw = f"<html lang=en><head><title>{shown}</title>{head}</head><body><main><h1>{shown}</h1>{body}</main></body></html>"
    return read(raw, url, hints)


def ld(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "A long winter at sea", {fields}}}</script>'


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('{"@type": "Person", "name": "By Ann Lee"}', ("Ann Lee",)),
        ('["Ann Lee and Bo Ek"]', ("Ann Lee", "Bo Ek")),
        ('[{"name": "Ann Lee (al)"}, {"name": "Ann Lee"}]', ("Ann Lee",)),
        ('"Von Jörg Müller und Anna von der Leyen"', ("Jörg Müller", "Anna von der Leyen")),
        ('"Ann Lee, Correspondent in the far north of the country"', ("Ann Lee",)),
        ('{"@id": "#ann"}', ()),
    ],
)
def test_authors_are_names_alone(author: str, names: tuple[str, ...]) -> None:
    assert article(head=ld(f'"author": {author}')).authors == names


def test_a_reference_to_an_author_is_followed() -> None:
    graph = (
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "A long winter at sea",'
        ' "author": {"@id": "#ann"}}, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}]}</script>'
    )
    assert article(head=graph).authors == ("Ann Lee",)


def test_people_go_before_the_house() -> None:
    head = ld('"author": {"@type": "Organization", "name": "The Coast"}, "publisher": {"name": "The Coast"}')
    assert article(
        f'<p class="byline">By <a href="/authors/ann-lee">Ann Lee</a></p>{TEXT}', head
    ).authors == ("Ann Lee",)
    assert article(head=head).authors == ("The Coast",)


def test_chinese_byline() -> None:
    paragraphs = "".join(
        f"<p>第{n}段讲述灯塔守护者在那个漫长的冬天里如何工作，以及港务长在信中写了什么，这些信件直到去年才被人们发现，现在保存在博物馆里。</p>"
        for n in "一二三四"
    )
    raw = (
        '<html><head><meta charset="gb2312"><title>海上漫长的冬天</title></head><body><h1>海上漫长的冬天</h1>'
        f'<div class="info">2026年11月19日 14:05 来源：新华网 作者：王小明</div><div class="con">{paragraphs}</div>'
        '<p>(责任编辑：李四)</p><div><h3>相关阅读</h3><ul><li><a href="/n1/2026/1118/c1-40001.html">北方渔港迎来第一场大雪</a></li></ul></div>'
    ).encode("gb18030")
    found = read_article(Page(URL, URL, 200, NOW, raw, "text/html", ""), Hints(zone="Asia/Shanghai"))
    assert isinstance(found, Article)
    assert (found.title, found.origin, found.editor, found.authors) == (
        "海上漫长的冬天",
        "新华网",
        "李四",
        ("王小明",),
    )
    assert found.published is not None
    assert found.published.instant == datetime(2026, 11, 19, 6, 5, tzinfo=UTC)
    assert found.language == "zh"
    assert [link.title for link in found.related] == ["北方渔港迎来第一场大雪"]
    assert len(found.blocks) == 4


def test_site_names_and_live_marks_are_taken_off_titles() -> None:
    head = '<meta property="og:title" content="LIVE: A long winter at sea | The Coast"><meta property="og:site_name" content="The Coast">'
    assert article(head=head, title="LIVE: A long winter at sea | The Coast").title == "A long winter at sea"


def test_mojibake_is_repaired() -> None:
    found = article(TEXT.replace("letters", "lettres privÃ©es dâ€™un Ã©tÃ©"))
    assert "lettres privées d’un été" in found.text.replace("'", "’")


def test_kinds_of_blocks() -> None:
    found = article(
        f"{TEXT}<h2>The storm</h2><blockquote><p>We saw nothing but the white of the waves for days.</p></blockquote>"
        f"<ul><li>Three boats were lost in the first night</li><li>Two came back</li></ul>{TEXT.replace('Paragraph', 'Part')}"
    )
    kinds = [block.kind for block in found.blocks]
    assert kinds.count(BlockKind.PARAGRAPH) == 8
    assert kinds[4:8] == [BlockKind.HEADING, BlockKind.QUOTE, BlockKind.LIST_ITEM, BlockKind.LIST_ITEM]


def test_what_is_not_text_is_left_out() -> None:
    found = article(
        f"<figure><img src=x><figcaption>The lighthouse in the ice, seen from the harbour, a picture of that winter.</figcaption></figure>{TEXT}"
        '<div class="newsletter-box"><p>Subscribe to our letter and get the best stories of the coast every morning, free.</p></div>'
        '<div class="share-bar">Share on all the networks that you know and love, today and tomorrow and always again.</div>'
        '<div id="comments"><p>I was there and I can tell you that the whole story is quite different from what you read.</p></div>'
    )
    assert len(found.blocks) == 4


@pytest.mark.parametrize(
    ("declared", "believed"),
    [
        ("https://www.p.example/news/a-long-winter-at-sea-4711.html?utm_source=x", URL),
        ("/news/a-long-winter-at-sea-4711", "https://www.p.example/news/a-long-winter-at-sea-4711"),
        ("https://www.p.example/", URL),
        ("https://other.example/news/a-long-winter-at-sea-4711.html", URL),
        ("https://www.p.example/news/quite-another-tale-of-summer-99.html", URL),
        ("http://[broken", URL),
    ],
)
def test_a_canonical_address_is_believed_with_reason(declared: str, believed: str) -> None:
    assert article(head=f'<link rel="canonical" href="{declared}">').canonical_url == believed


def test_copies_are_other_addresses() -> None:
    amp = URL.replace("/news/", "/amp/news/")
    assert article(head=f'<link rel="amphtml" href="{amp}">').other_urls == (amp,)
    from_amp = article(head=f'<link rel="canonical" href="{URL}">', url=amp)
    assert (from_amp.canonical_url, from_amp.other_urls) == (URL, (amp,))


LIST = '<ul><li><a href="/news/the-ferry-of-the-north-4700.html">The ferry of the north is late again</a></li></ul>'


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Related articles",
            "Read also",
            "Mehr zum Thema",
            "Lesen Sie auch",
            "À lire aussi",
            "Sur le même sujet",
            "Te puede interesar",
        ),
        *(
            "Leggi anche",
            "Leia também",
            "Lees ook",
            "Les også",
            "Läs även",
            "Czytaj także",
            "Читайте также",
            "İlgili haberler",
        ),
        *("مقالات ذات صلة", "相关阅读", "延伸阅读", "関連記事", "관련기사", "Tin liên quan", "Baca juga"),
    ],
)
def test_related_blocks_are_known_by_their_heading_in_any_language(heading: str) -> None:
    found = article(f"{TEXT}<div><h3>{heading}</h3>{LIST}</div>")
    assert [link.title for link in found.related] == ["The ferry of the north is late again"]


@pytest.mark.parametrize(
    "heading",
    [
        "Most read",
        "Latest news",
        "Meistgelesen",
        "Les plus lus",
        "Lo más visto",
        "Популярное",
        "最新",
        "热门",
        "ランキング",
        "More from Sport",
    ],
)
def test_other_lists_are_not_related_whatever_their_class(heading: str) -> None:
    found = article(f'{TEXT}<div class="related"><h3>{heading}</h3>{LIST}</div>')
    assert found.related == ()


def test_links_between_paragraphs() -> None:
    half = TEXT.partition("<p>Paragraph three")
    for between in (
        f'<div class="card">{LIST}</div>',
        '<p>READ MORE: <a href="/news/the-ferry-of-the-north-4700.html">The ferry of the north is late again</a></p>',
        '<p><a href="/news/the-ferry-of-the-north-4700.html">The ferry of the north is late again</a></p>',
    ):
        found = article(half[0] + between + half[1] + half[2])
        assert [link.url for link in found.related] == [
            "https://www.p.example/news/the-ferry-of-the-north-4700.html"
        ]
        assert "ferry" not in found.text


def test_a_link_within_a_sentence_is_not_related() -> None:
    linked = TEXT.replace(
        "the harbour master",
        '<a href="/news/the-harbour-master-of-the-year-12.html">the harbour master of the year</a>',
    )
    assert article(linked).related == ()


def test_selectors_of_the_source_decide() -> None:
    body = f'<div class="kick">The true title of it</div><div class="who">Ann Lee</div><div class="x">{TEXT}</div><p class="ad">{TEXT}</p>'
    chosen = Selectors(title=".kick", body=".x", authors=".who", remove=(".ad",))
    found = article(body, hints=Hints(selectors=chosen))
    assert (found.title, found.authors, len(found.blocks)) == ("The true title of it", ("Ann Lee",), 4)
