"""Sentences that the core makes in English, told on pages in the reader's language."""

from datetime import UTC, datetime

import pytest

from presswatch.errors import QueryError
from presswatch.query import parse
from presswatch.translatable import Translatable
from presswatch.watches.wording import Wording

GERMAN, ARABIC = Wording("de", is_html=False), Wording("ar", is_html=True)


def test_it_is_plain_english_to_whoever_does_not_translate_it() -> None:
    said = Translatable("%(clause)s is in none of %(number)s articles", clause="ferry", number=12345)
    assert said == "ferry is in none of 12,345 articles"
    assert f"note: {said}" == "note: ferry is in none of 12,345 articles"


def test_instants_are_in_utc_in_english_and_in_the_pages_zone_on_pages() -> None:
    said = Translatable("next %(time)s", time=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert said == "next 2026-11-20 12:00:00 UTC"
    assert "13:00" in GERMAN.told(said, "Europe/Berlin")


def test_what_is_within_a_sentence_is_translated_too() -> None:
    with pytest.raises(QueryError) as error:
        parse("(ferry OR strike")
    assert str(error.value) == "( at character 1 is never closed"
    assert GERMAN.told(error.value.said) == "( an Zeichen 1 wird nicht geschlossen"


def test_numbers_choose_the_form() -> None:
    one, many = (
        Translatable.counted("tried %(num)s time", "tried %(num)s times", count) for count in (1, 2000)
    )
    assert (one, many) == ("tried 1 time", "tried 2,000 times")
    assert "2.000" in GERMAN.told(many)


def test_what_was_typed_is_markup_nowhere() -> None:
    with pytest.raises(QueryError) as error:
        parse("<script>alert(1)</script>:x")
    said = ARABIC.told(error.value.said)
    assert "<script>" not in said
    assert "<bdi>" in said


def test_other_texts_are_told_as_they_are() -> None:
    assert GERMAN.told("the server said 550") == "the server said 550"
