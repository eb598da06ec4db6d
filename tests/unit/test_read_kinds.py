# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Pages that are no articles are recognised, and articles about such pages stay articles."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from presswatch.model import Article, Completeness, Hints, NotArticle, Page, PageKind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "".join(
    f"<p>Paragraph {word} tells how the keepers of the lighthouse went about their work in that long winter,"
    f" and what the harbour master of the {word} town wrote in his letters about it.</p>"
    for word in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
)
TEASERS = "".join(
    f'<li><a href="/news/2026/11/{n}/a-story-from-the-coast-{n}.html">A story number {n} from the coast of the north</a></li>'
    for n in range(10, 40)
)


def page(
    body: str | bytes, url: str = "https://p.example/news/a-long-winter-at-sea-4711.html", **fields: object
) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    values = {"status": 200, "content_type": "text/html", **fields}
    return Page(url, url, fetched_at=NOW, body=raw, **values)  # type: ignore[arg-type]  # checked by the tests


def html(title: str, body: str, head: str = "") -> str:
    return f"<html lang=en><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (PageKind.EMPTY, page("")),
        (PageKind.EMPTY, page(html("", "<div id=app></div><script>start()</script>"))),
        (PageKind.PDF, page(b"%PDF-1.7 ...", content_type="application/pdf")),
        (PageKind.NOT_HTML, page('{"items": []}', content_type="application/json")),
        (PageKind.NOT_HTML, page(bytes(range(256)) * 20)),
        (PageKind.NOT_HTML, page('<?xml version="1.0"?><rss><channel/></rss>', content_type="text/xml")),
        (PageKind.NOT_FOUND, page(html("Seite nicht gefunden", "<h1>404</h1><p>Leider nicht hier.</p>"))),
        (PageKind.NOT_FOUND, page(html("Página no encontrada", "<h1>Lo sentimos</h1>" + TEASERS))),
        (PageKind.NOT_FOUND, page(html("页面不存在", "<h1>页面不存在</h1>"))),
        (PageKind.NOT_FOUND, page(html("Gone", "<h1>Gone</h1>"), status=410)),
        (PageKind.ERROR, page(html("503 Service Unavailable", "<h1>Service unavailable</h1>"))),
        (PageKind.ERROR, page(html("A long winter", "<h1>A long winter</h1>" + TEXT), status=500)),
        (
            PageKind.CHALLENGE,
            page(html("Just a moment...", "<h1>Checking your browser before accessing p.example</h1>")),
        ),
        (
            PageKind.CHALLENGE,
            page(
                html(
                    "p.example",
                    "<p>Please enable JS and disable any ad blocker</p><script src='https://datadome.example/c.js'></script>",
                )
            ),
        ),
        (
            PageKind.CONSENT,
            page(
                html(
                    "Zustimmung erforderlich",
                    "<h1>Mit Werbung weiterlesen</h1><p>Ihre Einwilligung umfasst Cookies und ähnliche Techniken unserer"
                    " Partner. Details in den Datenschutz-Einstellungen.</p><button>Alle akzeptieren</button>",
                )
            ),
        ),
        (
            PageKind.LOGIN,
            page(
                html("Log in - The Coast", "<h1>Log in</h1><form><input name=u><input type=password></form>")
            ),
        ),
        (
            PageKind.INDEX,
            page(html("News from the coast", f"<h1>News</h1><ul>{TEASERS}</ul>"), "https://p.example/news/"),
        ),
        (PageKind.INDEX, page(html("The Coast", TEXT + TEASERS), "https://p.example/")),
        (
            PageKind.GALLERY,
            page(
                html(
                    "The winter in pictures",
                    "<h1>The winter in pictures</h1><p>Ships in the ice off the coast of the north.</p>" * 2,
                ),
                "https://p.example/gallery/the-winter-in-pictures-4711.html",
            ),
        ),
        (
            PageKind.VIDEO,
            page(
                html(
                    "Watch the launch",
                    "<h1>Watch the launch</h1><p>The new lifeboat was launched on Monday in front of the whole town.</p>",
                    '<meta property="og:type" content="video.other">',
                )
            ),
        ),
    ],
)
def test_what_is_no_article_is_named(kind: PageKind, given: Page) -> None:
    found = read_article(given, Hints())
    assert isinstance(found, NotArticle)
    assert found.kind is kind
    assert found.reason


@pytest.mark.parametrize(
    "title",
    [
        "Why every site asks you to accept cookies",
        "The number 404 was not found on any house in town",
        "How to log in to the new tax portal",
        "Robots: are you a human, asks the sea",
        "Service unavailable: the ferry that never came",
    ],
)
def test_an_article_about_such_pages_stays_an_article(title: str) -> None:
    found = read_article(page(html(title, f"<h1>{title}</h1><article>{TEXT}</article>")), Hints())
    assert isinstance(found, Article)
    assert found.title == title


def test_a_locked_article_is_marked() -> None:
    locked = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A long winter",'
        ' "isAccessibleForFree": "False", "wordCount": 1200}</script>'
    )
    found = read_article(page(html("A long winter", f"<h1>A long winter</h1>{TEXT}", locked)), Hints())
    assert isinstance(found, Article)
    assert found.completeness is Completeness.PAYWALLED


def test_a_text_that_ends_open_is_partial() -> None:
    found = read_article(
        page(
            html("A long winter", f"<h1>A long winter</h1>{TEXT}<p>And then the boat was lost to the …</p>")
        ),
        Hints(),
    )
    assert isinstance(found, Article)
    assert found.completeness in (Completeness.PARTIAL, Completeness.FULL)


def test_a_password_field_within_the_densest_box_makes_a_login_page() -> None:
    sentences = TEXT.split("</p>")[:3]
    form = '<form action="/in"><input name="user"><input type="password" name="word"></form>'
    result = read_article(
        page(
            html(
                "Log in to your account",
                f"<h1>Log in to your account</h1><div>{'</p>'.join(sentences)}</p>{form}</div>",
            )
        ),
        Hints(),
    )
    assert isinstance(result, NotArticle)
    assert result.kind is PageKind.LOGIN


BRIEF = "<p>The keepers of the lighthouse went home on Tuesday. The harbour master wrote in his letters that the winter had been long, and that nobody had gone without bread or oil.</p>"


def test_a_brief_under_its_own_headline_is_an_article_however_many_headlines_stand_in_the_menu() -> None:
    title = "Keepers of the lighthouse go home"
    brief = html(title, f"<div><ul>{TEASERS}</ul></div><div><h1>{title}</h1>{BRIEF}{TEXT[:181]}</p></div>")
    assert isinstance(read_article(page(brief), Hints()), Article)
    front = html("News from the coast", f"<h1>News from the coast</h1><p>All news.</p><ul>{TEASERS}</ul>")
    found = read_article(page(front, "https://p.example/coast/"), Hints())
    assert isinstance(found, NotArticle)
    assert found.kind is PageKind.INDEX


def test_a_note_for_browsers_without_scripts_above_a_short_text_is_no_challenge() -> None:
    title = "Keepers of the lighthouse go home"
    note = (
        "<noscript><div>For a better experience, please enable JavaScript in your browser.</div></noscript>"
    )
    thread = html(title, f"{note}<div><h1>{title}</h1>{BRIEF}</div>")
    assert isinstance(read_article(page(thread), Hints()), Article)


@pytest.mark.parametrize("box", ['class="popup mfp-hide"', 'role="dialog"', "hidden", 'class="login-modal"'])
def test_a_login_that_is_shown_only_when_asked_for_is_no_wall(box: str) -> None:
    login = f"<div {box}><h3>Sign in</h3><form><input name=u><input type=password name=p></form></div>"
    title = "Keepers of the lighthouse go home"
    head = '<meta property="og:type" content="article">'
    read = read_article(page(html(title, f"{login}<div><h1>{title}</h1>{BRIEF}</div>", head)), Hints())
    assert isinstance(read, Article)


def test_an_article_of_which_a_login_cuts_off_all_but_the_first_sentence_is_one_still() -> None:
    title = "Keepers of the lighthouse go home after a winter that was longer than any before"
    form = "<form><p>Log in to read on</p><input name=u><input type=password name=p></form>"
    lead = "<p>The last keepers of the lighthouse left it on Tuesday, after a winter of storms that nobody had seen.</p>"
    body = f"<h1>{title}</h1>{lead}{form}<ul>{TEASERS}</ul>"
    head = '<meta property="og:type" content="article">'
    read = read_article(page(html(title, body, head)), Hints())
    assert isinstance(read, Article), read
    assert read.text.startswith("The last keepers")
    wall = read_article(page(html("Log in", f"<h1>Log in</h1>{form}", head)), Hints())
    assert isinstance(wall, NotArticle)
    assert wall.kind is PageKind.LOGIN


def test_a_front_in_chinese_is_none_the_less_one() -> None:
    """As its headlines say as much in half as many characters."""
    cards = "".join(
        f'<article><h2><a href="/2026/11/28/story-{number}.html">新港口隧道将于春季开通{number}</a></h2>'
        f"<p>市议会在星期一表示，大桥和隧道将在年底前与部长讨论。附近的居民希望学校最终得到修复{number}。</p></article>"
        for number in range(20)
    )
    html = f'<html lang="zh"><head><title>城市报</title></head><body><main>{cards}</main></body></html>'
    url = "https://paper.example/home.html"
    found = read_article(Page(url, url, 200, NOW, html.encode()), Hints())
    assert isinstance(found, NotArticle)
    assert found.kind is PageKind.INDEX
