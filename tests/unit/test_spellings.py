"""What a reader takes for the same word is found, and what only looks alike is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.query import Matcher, explain, matches, parse
from presswatch.text import spellings
from support.library import make
from support.passages import passage

BARE = make(0, "", "")


def is_found(query: str, text: str, language: str) -> bool:
    article = replace(BARE, text=text, language=language)
    asked = parse(query, purpose="watch")
    found = matches(asked.tree, article)
    assert bool(Matcher({"w": asked}).match(article)) is found, "the matcher and the reference differ"
    return found


SAME = [
    ("ceasefire", "A cease-fire held.", "en"),
    ("cease-fire", "A ceasefire held.", "en"),
    ("cease-fire", "A cease‑fire held.", "en"),
    ("Covid19", "Covid-19 spreads.", "en"),
    ("Covid-19", "Covid19 spreads.", "en"),
    ("F16", "An F-16 landed.", "en"),
    ("start*", "A well-known startup.", "en"),
    ("ceasef*", "A cease-fire held.", "en"),
    ("stateoftheart", "A state-of-the-art plant.", "en"),
    ("Wahlrechtsreformgesetz", "Das Wahlrechtsreform-Gesetz kommt.", "de"),
    ("loreal", "L’Oréal rachète l'entreprise.", "fr"),
    ("OConnor", "Sinéad O’Connor has died.", "en"),
    ("OConnor", "Sinéad O’Connor’s songs.", "en"),
    ("O'Connor", "Sinead OConnor has died.", "en"),
    ("McDonalds", "McDonald's opens a branch. Guests of McDonald's wait.", "en"),
    ("McDonald's", "McDonalds opens a branch.", "en"),
    ("Quran", "A copy of the Qur'an.", "en"),
    ("Sanaa", "Fighting near Sana’a.", "en"),
    ("Hawaii", "Off Hawaiʻi.", "en"),
    ("السعودية", "قال للسعودية إن", "ar"),
    ("हिंदी", "हिन्दी दिवस", "hi"),
    ("हिन्दी", "हिंदी दिवस", "hi"),
    ("प्रधानमंत्री", "प्रधानमन्त्री मोदी", "hi"),
    ("चाँद", "चांद पर", "hi"),
    ("пять", "Пʼять депутатів", "uk"),
    ("п'ять", "Пять депутатов", "ru"),
    ("1000", "It cost 1,000 euros.", "en"),
    ("1000", "Es kostete 1.000 Euro.", "de"),
    ("1000", "Il a coûté 1 000 euros.", "fr"),
    ("1000", "Il a coûté 1\u202f000 euros.", "fr"),
    ("1250000", "Rund 1.250.000 Menschen.", "de"),
    ("1,000", "It cost 1000 euros.", "en"),
    ("München", "Der Bürgermeister von Muenchen sprach.", "de"),
    ("Muenchen", "Der Bürgermeister von München sprach.", "de"),
    ("Århus", "Aarhus Kommune", "da"),
    ("Aarhus", "Århus Kommune", "da"),
    ("Djokovic", "Đoković pobijedio", "hr"),
    ("Đoković", "Djokovic pobijedio", "hr"),
    ("رئيس", "الرئيس المصري", "ar"),
    ("رئيس", "قال للرئيس ورئيس", "ar"),
    ("القاهرة", "في والقاهرة", "ar"),
    ("ישראל", "בישראל נמסר היום", "he"),
    ("ממשלה", "והממשלה החליטה. הממשלה", "he"),
    ('צה"ל', "דובר צה״ל הודיע", "he"),
    ('צה"ל', 'דובר צה"ל הודיע', "he"),
    ('"דובר צה"ל"', "דובר צה״ל הודיע", "he"),
    ("コンピューター", "コンピュータの販売", "ja"),
    ("コンピュータ", "コンピューターの販売", "ja"),
    ("US", "The U.S. and China.", "en"),
    ("U.S.", "The US and China.", "en"),
    ("WHO", "Die WHO-Chefin warnt.", "de"),
    ("EU", "EU’s plan", "en"),
    ("AT&T", "(AT&T’s forecast)", "en"),
    ("H&M", "Neues von H & M.", "de"),
    ("C++", "It is written in C++, mostly.", "en"),
    (".NET", "It needs .NET 9.", "en"),
    ("€5bn", "A €5bn deal.", "en"),
    ("us", "The US and us.", "en"),
    ("stem:startup", "Two well-known start-ups.", "en"),
]
OTHERS = [
    ("shell", "And she'll go.", "en"),
    ("ill", "And I'll go.", "en"),
    ("were", "And we're off.", "en"),
    ("cant", "They can't.", "en"),
    ("lune", "L'une des villes, et l'une des rues.", "fr"),
    ("dune", "C'est le cas d'une ville.", "fr"),
    ("Williams", "Prince William spoke. William's brother did not.", "en"),
    ("its", "It's late.", "en"),
    ("1012", "Between 10-12 people.", "en"),
    ("20261120", "On 2026-11-20 it rained.", "en"),
    ("1000", "It weighs 1.000 grams.", "en"),
    ("1000", "Es wiegt 1,000 Gramm.", "de"),
    ("2019300", "In 2019 300 people came.", "fr"),
    ("12300", "On May 12 300 people came.", "en"),
    ("1234", "Version 1.234.5 is out.", "de"),
    ("Tür", "Il ne faut pas tuer.", "fr"),
    ("Muenchen", "München, as the English write it.", "en"),
    ("ビール", "ビルの上", "ja"),
    ("デモ", "それでも行く", "ja"),
    ('"cease-fire"', "A ceasefire held.", "en"),
    ('"رئيس"', "الرئيس المصري", "ar"),
    ("title:ceasefire", "A cease-fire held.", "en"),
    ("US", "They told us who did it.", "en"),
    ("WHO", "They told us who did it.", "en"),
    ("U.S.", "They told us who did it.", "en"),
    ("IT", "And it rains.", "en"),
    ("C#", "Vitamin C is healthy.", "en"),
    ("C++", "Vitamin C and C# are healthy.", "en"),
    (".NET", "Net profit doubled.", "en"),
    ("AT&T", "Come at t = 5 and see.", "en"),
    ("€5bn", "A $5bn deal.", "en"),
    # No phrase and no NEAR reaches what is only another spelling.
    ('"a ceasefire"', "A cease-fire held.", "en"),
    ("ceasefire NEAR/5 held", "A cease-fire held.", "en"),
]


@pytest.mark.parametrize(("query", "text", "language"), SAME)
def test_other_spellings_of_a_word_are_found(query: str, text: str, language: str) -> None:
    assert is_found(query, text, language)


@pytest.mark.parametrize(("query", "text", "language"), OTHERS)
def test_other_words_are_not(query: str, text: str, language: str) -> None:
    assert not is_found(query, text, language)


def test_what_a_word_stands_for_is_told() -> None:
    assert explain(parse("Covid-19")) == '"covid 19" OR covid19'
    assert (
        explain(parse("Århus"))
        == "arhus OR (aarhus AND ("
        + " OR ".join(f"language:{code}" for code in ("da", "nb", "nn", "no", "sv"))
        + "))"
    )
    for query in ("Covid-19", "Århus", "رئيس", "ישראל", "1,000", "コンピューター", '"רישום"'):
        tree = parse(query).tree
        assert parse(explain(parse(query))).tree == tree


def test_another_spelling_is_marked_where_it_stands() -> None:
    article = replace(BARE, title="A cease-fire", text="In Muenchen und München.", language="de")
    shown = passage(article, parse("ceasefire Muenchen").tree)
    assert [shown.title.text[low:high] for low, high in shown.title.spans] == ["cease-fire"]
    assert [shown.body.text[low:high] for low, high in shown.body.spans] == ["Muenchen", "München"]


@given(
    st.text(alphabet=st.sampled_from("aB1é'-’\"״ .,ü٣צה\u00a0й東ーs0"), max_size=40),
    st.sampled_from(["", "en", "de", "fr", "he", "uk"]),
)
def test_every_spelling_is_a_word_and_points_at_a_part_of_the_text(text: str, language: str) -> None:
    for token in spellings.in_text(text, language):
        assert text[token.start : token.end].strip() == text[token.start : token.end] != ""
        assert parse(f'"{token.text}"')
        assert is_found(token.text, text, language)
