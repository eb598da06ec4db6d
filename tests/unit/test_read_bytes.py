"""From bytes to what a browser shows: charsets, declared and not, and elements that end too early."""

import gzip
from datetime import UTC, datetime

import pytest

from crawler.extract import read_article, read_start_page
from crawler.extract.page.charset import declared_charset, decode
from presswatch.model import Article, Hints, Listing, Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://p.example/2026/11/18/the-quay"

SAID = {
    "ja": "港の委員会は火曜日に、北側の岸壁を①二十メートル広げることを決めた。工事は春に始まる。",
    "ko": "항만 위원회는 화요일에 북쪽 부두를 넓히기로 결정했다. 공사는 봄에 시작된다. 똠방각하.",
    "zh": "港务局星期二决定拓宽北岸码头，工程将于春天开始，预计需要两年时间才能完成。",
    "ru": "Портовый совет решил во вторник расширить северную набережную. Работы начнутся весной.",
    "bg": "Пристанищният съвет реши във вторник да разшири северния кей. Работата започва напролет.",
    "pl": "Rada portu zdecydowała we wtorek, że poszerzy północne nabrzeże. Źródła mówią o wiośnie.",
    "cs": "Rada přístavu v úterý rozhodla, že rozšíří severní nábřeží. Práce začnou na jaře, řekl.",
    "hu": "A kikötői tanács kedden úgy döntött, hogy kiszélesíti az északi rakpartot. Őszre kész.",
    "tr": "Liman kurulu salı günü kuzey rıhtımını genişletmeye karar verdi. İşler baharda başlıyor.",
    "el": "Το συμβούλιο του λιμανιού αποφάσισε την Τρίτη να διευρύνει τη βόρεια προβλήτα.",
    "he": "מועצת הנמל החליטה ביום שלישי להרחיב את הרציף הצפוני. העבודות יתחילו באביב.",
    "ar": "قرر مجلس الميناء يوم الثلاثاء توسيع الرصيف الشمالي. ستبدأ الأعمال في الربيع.",
    "th": "คณะกรรมการท่าเรือตัดสินใจเมื่อวันอังคารที่จะขยายท่าเรือด้านเหนือ งานจะเริ่มในฤดูใบไม้ผลิ",
    "de": "Der Hafenausschuss beschloss am Dienstag, den nördlichen Kai zu verbreitern – für Fußgänger.",
}


def page(body: bytes, charset: str = "", content_type: str = "text/html") -> Page:
    return Page(URL, URL, 200, NOW, body, content_type, charset)


def html(text: str, head: str = "", language: str = "", times: int = 4) -> str:
    told = f' lang="{language}"' if language else ""
    paragraphs = "".join(f"<p>{text} ({n})</p>" for n in range(times))
    body = f"<body><article><h1>Quay</h1>{paragraphs}</article></body>"
    return f"<!doctype html><html{told}><head>{head}<title>A</title></head>{body}</html>"


def text_of(body: bytes, charset: str = "") -> str:
    read = read_article(page(body, charset), Hints())
    assert isinstance(read, Article), read
    return read.text


@pytest.mark.parametrize(
    ("label", "codec", "language"),
    [
        ("Shift_JIS", "cp932", "ja"),
        ("x-sjis", "cp932", "ja"),
        ("windows-31j", "cp932", "ja"),
        ("ms_kanji", "cp932", "ja"),
        ("EUC-KR", "cp949", "ko"),
        ("ks_c_5601-1987", "cp949", "ko"),
        ("windows-949", "cp949", "ko"),
        ("GB2312", "gb18030", "zh"),
        ("x-gbk", "gb18030", "zh"),
        ("csgb2312", "gb18030", "zh"),
        ("latin1", "cp1252", "de"),
        ("ascii", "cp1252", "de"),
        ("iso-8859-9", "cp1254", "tr"),
        ("tis-620", "cp874", "th"),
        ("x-cp1251", "cp1251", "ru"),
        ("koi8-ru", "koi8-u", "ru"),
        ("x-mac-cyrillic", "mac-cyrillic", "bg"),
        ("logical", "iso8859-8", "he"),
    ],
)
@pytest.mark.parametrize("where", ["http", "meta", "http-equiv"])
def test_a_label_means_what_browsers_mean_by_it(label: str, codec: str, language: str, where: str) -> None:
    head = {
        "http": "",
        "meta": f'<meta charset="{label}">',
        "http-equiv": f'<meta http-equiv="Content-Type" content="text/html; charset={label}">',
    }[where]
    body = html(SAID[language], head).encode(codec)
    assert SAID[language] in decode(body, label if where == "http" else "")


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso-2022-jp", "iso2022_jp_ext"),
        ("ISO-2022-JP", "iso2022_jp_ext"),
        ("hz-gb-2312", "hz"),
        ("utf-7", "utf-7"),
    ],
)
def test_charsets_made_of_ascii_are_read_where_declared(label: str, codec: str) -> None:
    said = SAID["zh" if codec == "hz" else "ja"].replace("①", "")
    body = html(said, f'<meta charset="{label}">').encode(codec)
    assert said in decode(body)
    assert said not in decode(html(said).encode(codec))


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_wide_text_is_told_by_its_mark_or_its_zeros(codec: str) -> None:
    body = html(SAID["ru"], '<meta charset="windows-1251">').encode(codec)
    assert text_of(body).startswith(SAID["ru"])


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        ("ja", "cp932"),
        ("ja", "euc_jp"),
        ("ko", "cp949"),
        ("zh", "gb18030"),
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
        ("bg", "cp1251"),
        ("pl", "iso8859-2"),
        ("pl", "cp1250"),
        ("cs", "cp1250"),
        ("hu", "cp1250"),
        ("tr", "cp1254"),
        ("el", "cp1253"),
        ("he", "cp1255"),
        ("ar", "cp1256"),
        ("th", "cp874"),
        ("de", "cp1252"),
    ],
)
def test_an_undeclared_charset_is_judged_by_letters_and_language(language: str, codec: str) -> None:
    said = SAID[language].replace("①", "") if codec == "euc_jp" else SAID[language]
    body = html(said, "<script>var x = 1;</script>", language, times=6).encode(codec)
    assert text_of(body).startswith(said)


def test_a_declaration_is_found_wherever_it_stands_and_no_other_is_taken_for_one() -> None:
    style = f"<style>{'a { color: red } ' * 400}</style>"
    late = html(SAID["bg"], f'{style}<meta charset="windows-1251">')
    assert SAID["bg"] in decode(late.encode("cp1251"))
    for decoy in ('<!-- <meta charset="koi8-r"> -->', '<script>"<meta charset=koi8-r>"</script>'):
        assert declared_charset(f'{decoy}<meta charset="windows-1251">'.encode()) == "windows-1251"


def test_a_wrong_declaration_does_less_harm_than_good() -> None:
    assert SAID["de"] in decode(html(SAID["de"], '<meta charset="iso-8859-1">').encode())
    assert SAID["de"] in decode(html(SAID["de"]).encode(), "utf-16")
    assert SAID["ru"] in decode(html(SAID["ru"], '<meta charset="utf-8">').encode("cp1251"))
    assert SAID["de"] in decode(html(SAID["de"]).encode("cp1252"), "no-such-charset")


def test_half_a_character_costs_that_character_only() -> None:
    body = html(SAID["ru"], '<meta charset="utf-8">').encode().replace(b"(2)", b"\xd0")
    assert SAID["ru"] in decode(body)
    assert decode(body).count("\ufffd") == 1


PARAGRAPHS = [
    f"The harbour board decided in its meeting number {n} to widen the northern basin by twenty metres."
    for n in ("one", "two", "three", "four", "five", "six")
]


def shown(between: str, after: str = "") -> list[str]:
    """The text of an article in whose middle this stands."""
    told = [f"<p>{text}</p>" for text in PARAGRAPHS]
    body = f"<article><h1>Quay</h1>{''.join(told[:3])}{between}{''.join(told[3:])}{after}</article>"
    return text_of(f"<html><head><title>Quay</title></head><body>{body}</body></html>".encode()).split("\n")


@pytest.mark.parametrize(
    "between",
    [
        "</html>",
        "</body></html>",
        "</html><html>",
        "<svg><p>",
        "<svg><g><div>",
        "<math><mi></mi><p>",
        "<select><option>1<input>",
        "<frameset>",
        "<table><template></table>",
        "<body class=second>",
        "\x00",
    ],
)
def test_what_a_parser_drops_and_a_browser_shows_is_read(between: str) -> None:
    assert [line for line in shown(between) if line in PARAGRAPHS] == PARAGRAPHS


FEED = """<?xml version="1.0" encoding="{0}"?><rss version="2.0"><channel><title>N</title>
<link>https://p.example/</link><item><title>{1}</title><link>/a/ferry</link></item></channel></rss>"""


def links(body: bytes, charset: str = "") -> list[tuple[str, str]]:
    found = read_start_page(page(body, charset, "application/xml"), Hints())
    assert isinstance(found, Listing), found
    return [(link.url, link.title) for link in found.links]


@pytest.mark.parametrize(
    ("label", "codec", "language"),
    [
        ("Shift_JIS", "cp932", "ja"),
        ("euc-kr", "cp949", "ko"),
        ("windows-1251", "cp1251", "ru"),
        ("utf-16", "utf-16", "el"),
        ("iso-8859-1", "utf-8", "de"),
    ],
)
def test_feeds_are_decoded_as_pages_are(label: str, codec: str, language: str) -> None:
    body = FEED.format(label, SAID[language]).encode(codec)
    assert links(body) == [("https://p.example/a/ferry", SAID[language])]


def test_titles_of_feeds_are_plain_words_once() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title type="{0}">{1}</title>'
        '<link href="https://p.example/a"/></entry></feed>'
    )
    for kind, said, meant in (
        ("html", "&amp;ldquo;Tide&amp;rdquo; &lt;em&gt;high&lt;/em&gt;, AT&amp;amp;T", "“Tide” high, AT&T"),
        ("html", "What &amp;lt;b&amp;gt; means", "What <b> means"),
        ("text", "Fish &amp; chips", "Fish & chips"),
        ("text", "What &lt;b&gt; means", "What <b> means"),
    ):
        assert links(atom.format(kind, said).encode()) == [("https://p.example/a", meant)]


def test_relative_links_are_of_the_base_that_the_feed_names() -> None:
    feed = FEED.format("utf-8", "T")
    moved = feed.replace("https://p.example/", "https://www.q.example/de/").replace("/a/ferry", "a/ferry")
    assert links(moved.encode()) == [("https://www.q.example/de/a/ferry", "T")]
    based = moved.replace("<channel>", '<channel xml:base="https://r.example/x/">')
    assert links(based.encode()) == [("https://r.example/x/a/ferry", "T")]


def test_an_entry_without_a_link_is_found_by_its_id_if_that_is_an_address() -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>T</title><id>{0}</id></entry></feed>'
    assert links(atom.format("https://p.example/a").encode()) == [("https://p.example/a", "T")]
    assert not isinstance(read_start_page(page(atom.format("tag:7").encode()), Hints()), Listing)


def test_sitemaps_with_raw_ampersands_compressed_twice_or_cut_off() -> None:
    rows = "".join(f"<url><loc>https://p.example/a?x={n}&y=2&amp;z=3&eacute;=4</loc></url>" for n in range(3))
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()
    (first, _), *rest = links(sitemap)
    assert first.startswith("https://p.example/a?x=0&y=2&z=3&")
    assert len(rest) == 2
    assert links(gzip.compress(gzip.compress(sitemap))) == links(sitemap)
    assert len(links(sitemap[: sitemap.rindex(b"<url>") + 9])) == 2
    whole = gzip.compress(sitemap * 1)
    assert links(whole[: len(whole) - 12])[0][0] == first
