import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch.text import exact, fold, generate, is_single, language, tokens, words
from presswatch.text.folding import (
    char_class,
    elasticsearch_char_mappings,
    elasticsearch_token_pattern,
    table,
)
from presswatch.text.fragments import fragment, whole

# Every script we fold or split in its own way, marks and joiners loose, and the odd astral character.
_TRICKY = (
    "นํ้า่ำກໍາမြန်မာក្ກ٣ـًةىکहیשָׁफ़國櫻"
    "aBÉßøŁİıſﬁ½²①Ⅳ ΆςᾳйЙёЁ\u0306\u0308\u0301\u00ad\u200d\ufe0f'ʼ-.か\u3099ｶﾞ北ー한𝐀👍\u0915\u093cัำأ\u0653㎞™"
)
_TEXT = st.text(alphabet=st.one_of(st.sampled_from(_TRICKY), st.characters()), max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kölner Straße", ["kolner", "strasse"]),
        ("ŁÓDŹ Ørsted İstanbul Diyarbakır", ["lodz", "orsted", "istanbul", "diyarbakir"]),
        ("U.S. Wi-Fi don't", ["u", "s", "wi", "fi", "don", "t"]),
        ("Αθήνα ΘΕΣΣΑΛΟΝΊΚΗΣ", ["αθηνα", "θεσσαλονικησ"]),
        ("Королёв, Толстой", ["королев", "толстой"]),
        ("北京2026年", ["北", "京", "2026", "年"]),
        ("が か ｶﾞ", ["が", "か", "ガ"]),
        ("서울 Seoul", ["서", "울", "seoul"]),
        ("Ｆｕｌｌ ﬁne CO₂ 5㎞", ["full", "fine", "co2", "5km"]),
        ("Donau\u00addampf und Stra\u200dße", ["donaudampf", "und", "strasse"]),
        ("हिन्दी ภาษาไทย", ["हिन्दी", "ภา", "ษา", "ไ", "ท", "ย"]),
        ("ວຽງຈັນ មាន ရန်", ["ວ", "ຽ", "ງ", "ຈັ", "ນ", "មា", "ន", "ရ", "န်"]),
        ("นํ้า น้ำ น้ํา ກໍາ ກຳ", ["น้ำ", "น้ำ", "น้ำ", "ກຳ", "ກຳ"]),
        ("Covidไทย 19 ๑๙ ١٩ १९", ["covid", "ไ", "ท", "ย", "19", "19", "19", "19"]),
        ("مُحَمَّد محـــمد محمد", ["محمد"] * 3),
        ("أحمد إلى آسيا مدرسة مسؤول", ["احمد", "الي", "اسيا", "مدرسه", "مسؤول"]),
        ("ایران ايران کشور كشور", ["ايران", "ايران", "كشور", "كشور"]),
        ("שָׁלוֹם שלום", ["שלום"] * 2),
        ("फ़िल्म फ़िल्म फिल्म", ["फिल्म"] * 3),
        ("中國與臺灣", list("中国与台湾")),
        ("櫻花 桜花 國會 国会", list("樱花樱花国会国会")),
        # What Japan writes for another character than China stays.
        ("芸", ["芸"]),
        ("デモでも", list("デモでも")),
        ("Hawaiʻi Hawai'i Hawai’i", ["hawai", "i"] * 3),
        ("Tylenol™ ❤️ 👍", ["tylenol"]),
        ("snake_case a+b", ["snake", "case", "a", "b"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "text", ["Žluťoučký kůň", "Толстой Йога Їжак", "Việt Nam", "Άγιος", "がぎぐ", "ক'লকাতা ড়"]
)
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


@given(_TEXT)
def test_every_token_is_the_folded_piece_it_points_at(text: str) -> None:
    found = tokens(text)
    assert [token.text for token in found] == words(text)
    for token in found:
        assert fold(text[token.start : token.end]) == token.text
        assert token.text
    ends = [0, *(token.end for token in found)]
    assert all(end <= token.start for end, token in zip(ends, found, strict=False))


@given(_TEXT)
def test_a_token_is_itself_one_token(text: str) -> None:
    for word in words(text):
        assert words(word) == [word]


@given(_TEXT)
@settings(max_examples=300)
def test_folding_first_and_splitting_then_gives_the_same_words(text: str) -> None:
    """Which is what Elasticsearch does with the same table: a char filter, then a tokenizer."""
    content = table()
    word, single, cluster, mark = (
        f"[{char_class(spans)}]"
        for spans in (content["word"], content["single"], content["cluster"], content["mark"])
    )
    pattern = re.compile(f"{word}+|{single}|{cluster}{mark}*")
    assert pattern.findall(fold(text)) == words(text)


def test_elasticsearch_mappings_are_the_table_in_escapes() -> None:
    mappings = elasticsearch_char_mappings()
    assert {"A => a", r"\u00df => ss", r"\u0300 => "} <= set(mappings)
    assert r"\ud835\udc00 => a" in mappings, "characters beyond the first 65,536 are written as Java has them"
    assert all(rule.isascii() for rule in mappings)
    assert elasticsearch_token_pattern().isascii()


def test_the_frozen_table_is_what_its_generator_makes() -> None:
    if unicodedata.unidata_version != table()["unicode"]:
        pytest.skip(f"the table is of Unicode {table()['unicode']}, this Python of another")
    rules = table()["rules"]
    for code in (*range(0x3400), *range(0x3400, 0x110000, 101)):
        # Chinese characters need tables of another package, which is there when the table is made.
        if not 0xD800 <= code <= 0xDFFF and not generate.is_han(unicodedata.normalize("NFKC", chr(code))):
            assert generate.rule(chr(code)) == rules.get(chr(code)), hex(code)


def test_exact_values_ignore_case_and_spaces() -> None:
    assert exact("  Klima  Wandel\n") == exact("klima wandel")


def test_single_characters() -> None:
    assert [is_single(char) for char in "北한かカไa1й"] == [True] * 5 + [False] * 3
    assert is_single("ญี่")
    assert not is_single("ญี่ปุ่")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Kölner Straßenbahn fährt für größere Städte häufiger über die Brücke", "de"),
        ("外交部发言人星期二表示会谈将在三周后恢复", "zh"),
        ("Министр сообщил во вторник, что переговоры возобновятся", "ru"),
        ("2026-11-01 12:30", ""),
        ("\ud800 ok", ""),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language(text) == code


def test_fragment_begins_at_a_sentence_and_marks_what_was_found() -> None:
    text = "Nothing here at all. " * 20 + "The minister spoke in\u2003 Geneva. " + "More of nothing. " * 20
    start = text.index("Geneva")
    cut = fragment(text, [(start, start + 6)], (start, start + 6), 60)
    assert [cut.text[low:high] for low, high in cut.spans] == ["Geneva"]
    assert "The minister spoke in Geneva." in cut.text
    assert cut.before
    assert cut.after
    assert len(cut.text) <= 60


def test_whole_text_merges_overlapping_marks() -> None:
    assert whole("climate change", [(8, 14), (0, 9)]).spans == ((0, 14),)


@given(_TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=5), st.integers(10, 40))
def test_marks_of_a_fragment_hold_the_marked_text(
    text: str, places: list[tuple[int, int]], length: int
) -> None:
    spans = [(start, start + size) for start, size in places if start + size <= len(text)]
    cut = fragment(text, spans, spans[0] if spans else (0, 0), length)
    assert list(cut.spans) == sorted(cut.spans)
    for low, high in cut.spans:
        assert 0 <= low <= high <= len(cut.text)
        assert cut.text[low:high] in " ".join(text.split())
