"""Whether a page is an article, and what it is instead."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.body.boilerplate import text_length
from crawler.extract.kind.teasers import teaser_cards
from crawler.extract.page.address_forms import has_form
from crawler.extract.page.charset import decode_wide
from crawler.extract.page.links import absolute, is_no_article, may_be_article
from crawler.extract.page.markup import Markup, types
from crawler.extract.page.outline import HEADINGS, Box, Outline, is_long_as_headline
from crawler.extract.page.text import key
from presswatch.model import Block, NotArticle, Page, PageKind
from presswatch.urls import is_home

_PDF = b"%PDF"
_MAGIC = (
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"RIFF",
    b"\x1f\x8b",
    b"ID3",
    b"OggS",
    b"\x00\x00\x00",
)
_HTML_TYPES = (
    "",
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "application/octet-stream",
    "text/xml",
    "application/xml",
)
_TAG = re.compile(rb"<(?:!doctype html|html|head|body|div|p|h1|meta|title|article|main|section)\b", re.I)
# No text has such bytes: https://mimesniff.spec.whatwg.org/#binary-data-byte
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_CHALLENGE = re.compile(
    r"just a moment|checking (?:your|if the site) |verify(?:ing)? (?:that )?you are (?:a )?human|"
    r"are you a (?:human|robot)|not a robot|"
    r"attention required|pardon our interruption|enable javascript and cookies|please enable (?:js|"
    r"javascript)|captcha|"
    r"access (?:to this page has been |is )?denied|unusual traffic|security check|ddos protection|"
    r"request (?:was )?blocked|"
    r"bot (?:detection|verification)|browser wird überprüft|sind sie ein mensch|"
    r"vérification de votre navigateur|"
    r"安全验证|人机验证|访问验证|проверка браузера|подтвердите, что",
    re.I,
)
_CHALLENGE_MARK = re.compile(
    r"cf-chl|cf_chl|challenge-platform|px-captcha|datadome|_incapsula_|h-captcha|g-recaptcha|turnstile|sucuri"
)
_CONSENT = re.compile(
    r"before you continue|we value your privacy|we (?:and our partners )?use cookies|"
    r"your privacy (?:choices|matters)|accept (?:all )?cookies|"
    r"cookie (?:consent|settings|policy)|zustimm(?:en|ung)|mit werbung (?:weiter|nutzen|lesen)|pur-abo|"
    r"werbefrei|datenschutz-?einstellungen|"
    r"cookies? akzeptieren|einwilligung|avant de continuer|accepter (?:et continuer|les cookies)|"
    r"continuer sans accepter|"
    r"aceptar (?:y continuar|cookies|todas)|configuración de cookies|accetta (?:e continua|i cookie)|"
    r"akkoord|toestemming|"
    r"godta alle|godkänn|akceptuj|zgadzam się|согласие на обработку|同意",
    re.I,
)
_LOGIN = re.compile(
    r"^(?:log ?in|sign ?in|log on|anmelden|anmeldung|einloggen|login|connexion|se connecter|iniciar sesión|"
    r"acced[ei]|accesso|inloggen|"
    r"logg (?:inn|in|på)|zaloguj|вход|войти|giriş yap|登录|ログイン|로그인|تسجيل الدخول)\b",
    re.I,
)
_MISSING = re.compile(
    r"\b404\b|(?:page|article|content|story|site)(?: you (?:requested|are looking for))? (?:was |is |could |"
    r"can)?\s?(?:not|n[o']t)(?: be)? "
    r"(?:found|available|exist)|not found|no longer (?:exists|available)|doesn['’]t exist|nicht (?:gefunden|"
    r"verfügbar|mehr verfügbar)|"
    r"existiert nicht|introuvable|n['’]existe (?:pas|plus)|no (?:se )?(?:ha )?(?:encontrad|existe)|"
    r"página no encontrada|"
    r"non (?:è stata )?trovat|não encontrad|niet gevonden|ikke funnet|hittades inte|nie znaleziono|"
    r"не найден|bulunamadı|"
    r"页面不存在|找不到|不存在|見つかりません|찾을 수 없|غير موجود|không tìm thấy",
    re.I,
)
_BROKEN = re.compile(
    r"\b50[0234]\b.{0,30}(?:error|gateway|unavailable)|internal server error|bad gateway|"
    r"service (?:temporarily )?unavailable|"
    r"gateway time-?out|(?:under|scheduled) maintenance|something went wrong|an error (?:has )?occurred|"
    r"wartungsarbeiten|"
    r"technische störung|erreur (?:interne|serveur)|error interno|服务器错误|系统维护|メンテナンス",
    re.I,
)
_GALLERY = re.compile(
    r"/(?:galler(?:y|ies|ie)|galeri\w*|foto-?(?:strecke|galerie)\w*|bilder(?:galerie|strecke)?|fotos?|"
    r"photos?|slideshows?|diaporama)[/_-]",
    re.I,
)
_VIDEO = re.compile(r"/(?:videos?|watch|mediathek|tv|player|clip)s?[/_-]", re.I)
# A page that shows so many teasers, and little else, is a front.
_FEWEST_CARDS, _TEASERS = 3, 0.75
# The address of a section, a tag or an author: the last part is what that is called.
_HUB = re.compile(
    rf"/(?:{words.SECTION_PATHS}|{words.TAG_PATHS}|{words.TOPIC_PATHS}|{words.PEOPLE_PATHS})/[^/]+/?$", re.I
)
_SENTENCE = re.compile(r"\w\W{0,3}[.!?。！？।…]")
_DIALOG = re.compile(r"(?:^|[\s_-])(?:dialog|modal|pop-?up|lightbox|overlay|off-?canvas|drawer)|mfp-hide")
_LEAST, _LITTLE, _SOME, _MUCH = 80, 250, 900, 1_800


def unreadable(page: Page) -> NotArticle | None:
    """What is told by the answer alone, before anything is parsed."""
    head = page.body[:2048].lstrip()
    if not head:
        return NotArticle(PageKind.EMPTY, "the answer had no body")
    declared = page.content_type.partition(";")[0].strip().lower()
    has_tags = _TAG.search(page.body[:4096])
    is_html = declared in _HTML_TYPES or has_tags
    if head.startswith(_PDF) or (declared == "application/pdf" and not is_html):
        return NotArticle(PageKind.PDF, "it is a PDF, not HTML")
    if head.startswith(_MAGIC) or not is_html:
        return NotArticle(PageKind.NOT_HTML, f"it is {declared or 'a binary file'}, not HTML")
    if not has_tags and _BINARY.search(head) and decode_wide(page.body, page.charset) is None:
        return NotArticle(PageKind.NOT_HTML, "it is a binary file, not HTML")
    if page.status in (404, 410):
        return NotArticle(PageKind.NOT_FOUND, f"HTTP status {page.status}")
    if head.startswith((b"{", b"[")) or re.match(
        rb"<\?xml[^>]*>\s*<(?:rss|feed|urlset|sitemapindex|rdf)", head, re.I
    ):
        return NotArticle(PageKind.NOT_HTML, "it is data for programs (JSON, a feed or a sitemap), not HTML")
    return None


def what_else(
    page: Page,
    markup: Markup,
    outline: Outline,
    blocks: Sequence[Block],
    titles: Sequence[str],
    forms: Sequence[str] = (),
) -> NotArticle | None:
    """What a parsed page is if it is no article; None if it is one.

    `forms` are those that addresses of its site's articles have: what stands under a headline at one of them
    is one in doubt. A wall is known by its words where there is little text besides, so that an article about
    cookies stays one.
    """
    text = sum(len(block.text) for block in blocks)
    declared = _is_declared_article(markup)
    if text < _SOME and not (declared and text >= _LITTLE):
        refused = wall(page, markup, outline, text, titles, declared=declared)
        if refused:
            return refused
    if page.status >= 400:
        return NotArticle(PageKind.ERROR, f"HTTP status {page.status}")
    if is_home(page.final_url):
        return NotArticle(PageKind.INDEX, "it is the site's front page")
    if other := _other_media(page, markup, text, declared):
        return other
    return _index(page, markup, outline, blocks, titles, forms, declared=declared)


def _is_declared_article(markup: Markup) -> bool:
    return bool(markup.articles) or markup.meta("og:type").lower() in (
        "article",
        "news",
        "newsarticle",
        "og:article",
    )


def wall(
    page: Page, markup: Markup, outline: Outline, text: int, titles: Sequence[str], *, declared: bool = False
) -> NotArticle | None:
    """What stands before or instead of a page's content: a check, a missing page, a fault, consent, a login.

    `text` is how many characters of its own text the page holds; `declared` whether it says that it is an
    article.
    """
    raw = page.body[:60_000].decode("latin-1").lower()
    marked = bool(_CHALLENGE_MARK.search(raw))
    # Forums ask in vain for scripts where there are none, above a text that stands there.
    asked = (piece.text for piece in outline.pieces[:60] if marked or not _is_without_scripts(piece.box))
    said = " ".join((*titles[:3], *asked))[:4_000]
    headings = (
        piece.text
        for piece in outline.pieces[:40]
        if piece.box.tag in HEADINGS and not piece.box.hidden and not _is_in_dialog(piece.box.element)
    )
    headline = " | ".join((*titles, *headings))
    if (match := _CHALLENGE.search(said)) and (text < _LITTLE or marked):
        return NotArticle(PageKind.CHALLENGE, f'it says "{match[0]}"')
    if (match := _MISSING.search(headline)) and len(headline) < 600:
        return NotArticle(PageKind.NOT_FOUND, f'its headline says "{match[0]}"')
    if match := _BROKEN.search(headline):
        return NotArticle(PageKind.ERROR, f'its headline says "{match[0]}"')
    if len(set(_CONSENT.findall(said))) > 1 or (_CONSENT.search(headline) and text < _LITTLE):
        return NotArticle(PageKind.CONSENT, "it asks for consent and holds little other text")
    password = any(
        element.get("type") == "password" and not _is_in_dialog(element)
        for element in markup.root.iter("input")
    )
    named = any(_LOGIN.match(part) for part in headline.split(" | "))
    # An article of which a subscriber's login cuts off all but the first sentence is one still.
    begun = declared and text > 0 and not named
    if (
        text < _SOME
        and not begun
        and ((named and (password or text < _LITTLE)) or (password and text < _LITTLE))
    ):
        return NotArticle(PageKind.LOGIN, "it asks to log in and holds little other text")
    if text < _LITTLE and marked and not markup.articles:
        return NotArticle(PageKind.CHALLENGE, "it holds a check for robots and no text")
    return None


def _is_without_scripts(box: Box | None) -> bool:
    while box is not None:
        if box.tag == "noscript":
            return True
        box = box.parent
    return False


def _other_media(page: Page, markup: Markup, text: int, declared: bool) -> NotArticle | None:
    kinds = {kind for node in markup.nodes for kind in types(node)}
    og = markup.meta("og:type").lower()
    gallery = kinds & {"ImageGallery", "MediaGallery"} or "gallery" in og or _GALLERY.search(page.final_url)
    if (
        gallery
        and text < _SOME
        and not (declared and text > _SOME // 2 and not kinds & {"ImageGallery", "MediaGallery"})
    ):
        return NotArticle(PageKind.GALLERY, "it is called a gallery and holds little text")
    video = (
        og.startswith("video")
        or ("VideoObject" in kinds and not markup.articles)
        or _VIDEO.search(page.final_url)
    )
    if video and text < _SOME // 2 + (0 if declared else _SOME // 2):
        return NotArticle(PageKind.VIDEO, "it is called a video and holds little text")
    return None


def _index(
    page: Page,
    markup: Markup,
    outline: Outline,
    blocks: Sequence[Block],
    titles: Sequence[str],
    forms: Sequence[str],
    *,
    declared: bool,
) -> NotArticle | None:
    """Many headlines that are links, and little text of its own."""
    text = sum(len(block.text) for block in blocks)
    if declared and text >= _LITTLE:
        return None
    own = absolute(page.final_url, page.final_url) or page.final_url
    links = {
        url
        for anchor in outline.anchors[:1_500]
        if is_long_as_headline(anchor.text)
        and may_be_article(url := absolute(markup.base, anchor.href), own, anchor.text)
    }
    cards, share = teaser_cards(outline, markup.base, own)
    fewest = 1 if _HUB.search(urlsplit(own).path) else _FEWEST_CARDS
    if not declared and cards >= fewest and share >= _TEASERS:
        return NotArticle(PageKind.INDEX, f"its text is the teasers of {cards} other articles")
    is_own = has_form(own, forms) and not is_no_article(own, urljoin(own, "/"))
    least = _LEAST if declared or is_own else _LITTLE
    if share < _TEASERS / 2 and _stands_under_headline(outline, blocks, titles, own, least, is_own=is_own):
        return None
    kinds = {kind for node in markup.nodes for kind in types(node)}
    listing = kinds & {"CollectionPage", "ItemList", "SearchResultsPage"} or markup.meta(
        "og:type"
    ).lower() in ("website", "object")
    teasers = sum(len(piece.text) < 400 for piece in outline.pieces if text_length(piece))
    if len(links) >= 12 and (
        text < _SOME or (text < _MUCH and listing) or (teasers >= 12 and listing and text < 3 * _MUCH)
    ):
        return NotArticle(
            PageKind.INDEX, f"it holds {len(links)} headlines of other articles and little text of its own"
        )
    # Flash news may be two short sentences, where the page says that it is an article.
    if text < _LEAST and not (declared and len(blocks) > 1):
        return NotArticle(PageKind.EMPTY, "no text was found in the page")
    return None


def _stands_under_headline(
    outline: Outline, blocks: Sequence[Block], titles: Sequence[str], own: str, least: int, *, is_own: bool
) -> bool:
    """Whether sentences without links, `least` characters of them, stand under the page's own headline, at an
    address like an article's: however many headlines of others its menus and sidebars hold. `is_own`: the
    address is like those of its source's articles.
    """
    known = {key(title) for title in titles}
    headed = next(
        (piece.text for piece in outline.pieces if piece.box.tag == "h1" and key(piece.text) in known), ""
    )
    if not headed or not (is_own or may_be_article(own, urljoin(own, "/"), headed)):
        return False
    own_words = {piece.text for piece in outline.pieces if not piece.linked}
    sentences = (block.text for block in blocks if block.text in own_words and _SENTENCE.search(block.text))
    return sum(map(len, sentences)) >= least


def _is_in_dialog(element: HtmlElement) -> bool:
    """Whether it belongs to something that is shown only when somebody asks for it."""
    return any(
        above.get("role") == "dialog" or above.get("aria-modal") == "true" or above.tag == "dialog"
        or above.get("hidden") is not None
        or _DIALOG.search(f"{above.get('class') or ''} {above.get('id') or ''}".lower())
        for above in element.iterancestors()
    )  # fmt: skip
