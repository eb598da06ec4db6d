"""Everybody reads mails in a language, a zone and a format of their own."""

import re
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from presswatch.archive.events import Event
from presswatch.archive.tables import EventKind
from presswatch.errors import DeliveryError
from presswatch.languages import LANGUAGES
from presswatch.model import FaultKind, LinkKind, Precision, Step, to_json
from presswatch.watches.audience import Audience
from presswatch.watches.content import LARGEST, DigestContent, MoreStory, Other, StoryItem, render
from presswatch.watches.edits import Edit
from presswatch.watches.event_details import Gone, Silence, Spike, Via
from presswatch.watches.event_words import Happening
from presswatch.watches.mime import mime_message
from presswatch.watches.nil_report import NilReport, render_nil_report
from presswatch.watches.trouble import Fault, Trouble
from support.alarm import Alarm, Postbox
from support.items import item, published
from support.messages import extracted
from support.newsroom import NOW

HOUR = timedelta(hours=1)
EVENING = {"cron": "0 18 * * *"}
ISOLATES = "\u2068\u2069"
# The counts of each plural category of Arabic, and how six languages count articles.
COUNTED = {
    "en": {1: "1 new article", 2: "2 new articles", 1100: "1,100 new articles"},
    "de": {1: "1 neuer Artikel", 2: "2 neue Artikel", 1100: "1.100 neue Artikel"},
    "fr": {1: "1 nouvel article", 2: "2 nouveaux articles", 1100: "1\u202f100 nouveaux articles"},
    "es": {1: "1 artículo nuevo", 2: "2 artículos nuevos", 1100: "1.100 artículos nuevos"},
    "zh": {1: "1篇新报道", 2: "2篇新报道", 1100: "1,100篇新报道"},
    "ar": {
        1: "مقال جديد واحد",
        2: "مقالان جديدان",
        3: "3 مقالات جديدة",
        11: "11 مقالاً جديداً",
        100: "100 مقال جديد",
        1100: "1,100 مقال جديد",
    },
}


def content(stories: int = 1, **keys: object) -> DigestContent:
    """So many articles in as many stories."""
    shown = [StoryItem(item(published=published(2, Precision.MINUTE)))]
    more = [MoreStory("Herald", 1)] * (stories - 1)
    values = {"news": stories, "late": 0, "number": 17, **keys}
    return DigestContent("Ferries", "ferry", "ferry", shown, more, **values)  # type: ignore[arg-type]  # see above


def plain(text: str) -> str:
    """Text as it is read: without the marks that keep directions apart."""
    return re.sub(f"[{ISOLATES}]", "", text)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [(language, count, said) for language, forms in COUNTED.items() for count, said in forms.items()],
)
def test_articles_are_counted_as_the_language_does(language: str, count: int, said: str) -> None:
    made = render(content(count), Audience(language, "UTC"))
    assert said in plain(made.text).splitlines()[0]
    assert said in made.html


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Ferries (3): now in 3 outlets: Ferry aground"),
        ("de", "Ferries (3): jetzt in 3 Medien: Ferry aground"),
        ("fr", "Ferries (3) : désormais dans 3 médias : Ferry aground"),
        ("es", "Ferries (3): ya en 3 medios: Ferry aground"),
        ("zh", "Ferries（3）：已有3家媒体报道：Ferry aground"),
        ("ar", "Ferries (3): الآن في 3 وسائل إعلامية: Ferry aground"),
    ],
)
def test_subjects_are_in_the_readers_language(language: str, subject: str) -> None:
    others = [Other("Herald", "https://h.example/", NOW), Other("Courier", "https://c.example/", NOW)]
    told = [StoryItem(item(), others, told=1)]
    made = DigestContent("Ferries", "ferry", "ferry", told, [MoreStory("Herald", 1)] * 2, 5, 0, 17)
    assert render(made, Audience(language, "UTC")).subject == subject


@pytest.mark.parametrize(
    ("language", "zone", "when"),
    [
        ("en", "Europe/Berlin", "Fri, 20 Nov 2026, 11:00 CET"),
        ("de", "Europe/Berlin", "Fr., 20. Nov. 2026, 11:00 MEZ"),
        ("fr", "Europe/Paris", "ven. 20 nov. 2026, 11:00 CET"),
        ("es", "Europe/Madrid", "vie, 20 nov 2026, 11:00 CET"),
        ("zh", "Asia/Shanghai", "2026年11月20日周五 18:00 CST"),
        ("ar", "Asia/Dubai", "الجمعة، 20 نوفمبر 2026، 14:00 GST"),
    ],
)
def test_times_are_written_as_the_reader_does(language: str, zone: str, when: str) -> None:
    made = render(content(), Audience(language, zone))
    assert f"· {when}" in plain(made.text)
    assert when in made.html


def test_who_reads_pages_first_writes_arabic_months_all_the_same() -> None:
    code = (
        "from datetime import date\n"
        "from crawler.extract.fields.cldr_names import names\n"
        "from presswatch import languages\n"
        "names('zh')\n"
        "print(languages.day(date(2026, 11, 20), 'ar'))\n"
    )
    # In a process of its own: what was worked out once stays.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "الجمعة، 20 نوفمبر 2026"


@pytest.mark.parametrize(("language", "tag"), [("de", "de"), ("zh", "zh-Hans"), ("ar", "ar")])
def test_html_says_its_language_and_direction(language: str, tag: str) -> None:
    direction = "rtl" if language == "ar" else "ltr"
    nothing = NilReport("Ferries", "ferry", "", NOW, NOW, 0, 1, (), 0)
    for made in (
        render(content(), Audience(language, "UTC")),
        render_nil_report(nothing, Audience(language, "UTC")),
    ):
        # Of the page, and of the part that mail readers keep.
        said = [one for one in re.findall("<[^>]+>", made.html) if f'dir="{direction}"' in one]
        assert [one.split()[0] for one in said if f'lang="{tag}"' in one] == ["<html", "<div"]


def test_latin_words_turn_nothing_in_an_arabic_sentence() -> None:
    made = render(content(owner="desk@example.org"), Audience("ar", "UTC"))
    assert "«\u2068Ferries\u2069»" in made.text
    assert "\u2068desk@example.org\u2069" in made.text
    assert "«<bdi>Ferries</bdi>»" in made.html
    assert made.text.count("\u2068") == made.text.count("\u2069")
    # Nothing is marked where nothing runs the other way.
    assert not set(ISOLATES) & set(render(content(), Audience("de", "UTC")).text)


def test_the_quotes_around_a_headline_are_the_readers_and_turn_with_nothing_in_it() -> None:
    made = render(content_found_by("ميناء يعاد فتحه"), Audience("de", "UTC"))
    assert "„\u2068ميناء يعاد فتحه\u2069“" in made.text
    assert "„<bdi>ميناء يعاد فتحه</bdi>“" in made.html


def content_found_by(headline: str) -> DigestContent:
    """An article that the one with this headline links to."""
    found = item(path=((Step("https://gazette.example/1", LinkKind.RELATED, ""), headline),))
    return DigestContent("Ferries", "ferry", "ferry", [StoryItem(found)], (), 1, 0, 17)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Europe/Berlin", "Fri, 20 Nov 2026, 13:00–14:00 CET"),
        ("Asia/Kathmandu", "Fri, 20 Nov 2026, 17:45–18:45 UTC+05:45"),
    ],
)
def test_the_hour_of_a_spike_is_told_on_the_readers_clock(zone: str, hour: str) -> None:
    event = Event("ferry", EventKind.SPIKE, "1", None, to_json(Spike(NOW, 12, 0.3, 8, 4)), NOW)
    told = DigestContent("Ferries", "ferry", "ferry", (), (), 0, 0, 17, happenings=[Happening(event)])
    assert f"Time: {hour}; usual" in render(told, Audience("en", zone)).text


HAPPENED = {
    EventKind.EDIT: Edit("渡轮", "渡轮2", (("-", "渡轮"), ("+", "渡轮2")), ("渡",), ("轮",), matches=False),
    EventKind.VANISHED: Gone(NOW),
    EventKind.OUTLET: None,
    EventKind.RELATED: Via("渡轮"),
    EventKind.SPIKE: Spike(NOW, 12, 0.3, 8, 4),
    EventKind.SILENCE: Silence(NOW - 13 * HOUR, 4, 3, 2),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_happened_is_told_in_the_readers_language_alone(language: str) -> None:
    record = item("渡轮").record
    happened = [
        Happening(Event("ferry", kind, "1", None, to_json(HAPPENED[kind]), NOW), record, "《公报》")
        for kind in EventKind
    ]
    told = DigestContent(
        "渡轮", "渡轮", "渡轮", (), (), 0, 0, 17, happenings=happened * 11, muted=2, page="/"
    )
    made = render(told, Audience(language, "UTC"))
    # What a message says between its placeholders; a word alone may be of several languages.
    ids = [[one.id] if isinstance(one.id, str) else one.id for one in extracted()]
    parts = {part for forms in ids for form in forms for part in re.split(r"%\(\w+\)s", form)}
    said = {part for part in parts if len(part.split()) > 1 and len(part) > 4}
    assert (language == "en") == any(part in plain(made.text) + made.html for part in said)
    assert ('dir="rtl"' in made.html) == (language == "ar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_is_too_long_in_any_language(language: str) -> None:
    long = item(
        "Ferry " + "渡" * 280, "The ferry " + "جنحت العبارة " * 200, url="https://e.example/" + "u" * 1500
    )
    others = [Other("صحيفة " * 20, "https://o.example/" + "o" * 1500, NOW)] * 12
    stories = [StoryItem(long, others)] * 60
    made = render(DigestContent("F", "ferry", "ferry", stories, (), 60, 0, 1), Audience(language, "UTC"))
    assert len(made.html.encode()) <= LARGEST


POST = (
    Fault(FaultKind.STATUS, "https://p.example/", 503),
    Fault(FaultKind.NO_ANSWER, "https://p.example/feed"),
)


@pytest.mark.parametrize("kind", FaultKind)
def test_why_a_source_was_not_read_is_told_in_the_readers_language(kind: FaultKind) -> None:
    troubles = [Trouble("渡轮", faults=[Fault(kind, "", 503)])]
    report = NilReport("渡轮", "渡轮", "", NOW - HOUR, NOW, 1, 4, troubles, 0)
    said = {
        language: [
            line
            for line in plain(render_nil_report(report, Audience(language, "UTC")).text).splitlines()
            if line.startswith("  渡轮") and line.strip() != "渡轮"
        ]
        for language in LANGUAGES
    }
    assert all(len(lines) == 1 for lines in said.values())
    assert len({lines[0] for lines in said.values()}) == len(LANGUAGES)


def test_what_is_wrong_with_a_source_is_told_in_the_readers_language_and_zone() -> None:
    troubles = [Trouble("Herald", since=NOW), Trouble("Courier"), Trouble("Post", faults=POST)]
    report = NilReport("Ferries", "ferry", "", NOW - HOUR, NOW, 1, 4, troubles, 2)
    made = render_nil_report(report, Audience("de", "Asia/Tokyo"))
    assert made.subject == "Ferries: nichts gefunden"
    for said in (
        "Von Fr., 20. Nov. 2026, 20:00 JST bis Fr., 20. Nov. 2026, 21:00 JST gab es keinen neuen Treffer.",
        "2 Artikel passen, waren aber bei der ersten Sichtung schon alt",
        "1 von 4 Quellen sind störungsfrei.\nGelesen wurde 1 neuer Artikel.",
        "Herald: seit Fr., 20. Nov. 2026, 21:00 JST nicht gelesen",
        "Courier: noch nicht gelesen",
        "Post: https://p.example/ antwortet mit HTTP 503 · keine rechtzeitige Antwort von https://p.example/feed",
    ):
        assert said in made.text


SIX = [
    {"address": f"{language}@example.org", "language": language, "time_zone": zone}
    for language, zone in zip(LANGUAGES, ["Europe/Berlin", "Asia/Tokyo"] * 3, strict=True)
]


def test_one_window_makes_six_mails_in_six_languages_and_two_zones(alarm: Alarm) -> None:
    alarm.watch(recipients=SIX, deliver=EVENING)
    alarm.publish()
    alarm.publish()
    alarm.wait(7 * HOUR)
    alarm.tick()
    mails = {mail.recipient.partition("@")[0]: mail for mail in alarm.mails()}
    assert list(mails) == list(LANGUAGES)
    assert len({mail.closed for mail in mails.values()}) == 1
    for one in SIX:
        mail = mails[one["language"]]
        assert COUNTED[one["language"]][2] in plain(mail.text)
        assert f"{NOW.astimezone(ZoneInfo(one['time_zone'])):%H:%M}" in mail.text
    alarm.wait(24 * HOUR)
    alarm.tick()
    assert len(alarm.mails()) == 6


def test_a_watch_closes_in_its_own_zone_whatever_its_readers_is(alarm: Alarm) -> None:
    alarm.watch(
        recipients=[{"address": "a@example.org", "time_zone": "Asia/Tokyo"}],
        deliver=EVENING,
        time_zone="Europe/Berlin",
    )
    alarm.publish()
    alarm.wait(4 * HOUR)
    alarm.tick()
    assert alarm.mails() == []
    alarm.wait(HOUR)  # 17:00 UTC
    alarm.tick()
    [mail] = alarm.mails()
    assert "21:00 JST" in mail.text


def test_those_who_read_the_same_share_a_body_and_get_what_they_asked_for(alarm: Alarm) -> None:
    recipients = [
        {"address": "a@example.org", "language": "de"},
        {"address": "b@example.org", "language": "de", "format": "text"},
        "c@example.org",
    ]
    alarm.watch(recipients=recipients)
    alarm.publish()
    alarm.tick()
    box = Postbox()
    alarm.send(box)
    first, second, third = (message_from_bytes(bytes(one), policy=policy.default) for one in box.taken)
    assert [first.get_content_type(), second.get_content_type()] == ["multipart/alternative", "text/plain"]
    body = first.get_body(("plain",))
    assert body is not None
    assert body.get_content() == second.get_content()
    assert "neuer Artikel" in second.get_content()
    assert third["Subject"] == "Ferries: Report 1"


def test_a_mail_that_is_tried_again_has_the_same_bytes_whatever_was_changed_since(alarm: Alarm) -> None:
    alarm.watch(recipients=SIX)
    alarm.publish()
    alarm.tick()
    before = [bytes(mime_message(mail, "alerts@example.org")) for mail in alarm.mails()]
    down = DeliveryError("the server is away", channel=True)
    alarm.send(Postbox({one["address"]: down for one in SIX}))
    alarm.watch(recipients=[{**one, "language": "en"} for one in SIX])
    alarm.wait(HOUR)
    box = Postbox()
    alarm.send(box)
    assert sorted(map(bytes, box.taken)) == sorted(before)
