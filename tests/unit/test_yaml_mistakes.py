"""Mistakes in YAML that people make: each is answered with the line where it was made, and what to write."""

from pathlib import Path

import pytest

from presswatch import config
from presswatch.config.editing import edited
from presswatch.errors import ConfigError

WATCH = "name: W\nquery: ferry\nrecipients: [a@example.org]\n"
SOURCE = "name: S\nstart: [https://a.example/]\n"


def faults(folder: Path, file: str, content: str | bytes) -> str:
    (folder / "presswatch.yaml").write_text("")
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as error:
        config.load(folder)
    return str(error.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("CEST", "CEST is an abbreviation for zones like Europe/Berlin,"),
        ("PST", "PST is an abbreviation for zones like America/Los_Angeles"),
        ("GMT+1", "Etc/GMT-1 is UTC+1 all the year"),
        ("UTC-05:00", "Etc/GMT+5 is UTC-5 all the year"),
        ("+05:30", "the name of a city knows summer time"),
        ("W. Europe Standard Time", "do you mean Europe/Berlin?"),
        ("Berlin", "do you mean Europe/Berlin?"),
        ("‘Europe/Berlin’", "these quotes are part of the text to YAML; write 'Europe/Berlin'"),
    ],
)
def test_a_time_zone_that_is_none_is_answered_with_one(tmp_path: Path, zone: str, said: str) -> None:
    assert said in faults(tmp_path, "presswatch.yaml", f"time_zone: {zone}\n")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("recipients: a@example.org, c@example.org", "3: recipients: found 'a@example.org, c@example.org': "
         "expected a list: ['a@example.org', 'c@example.org']"),
        ("recipients: ['a@example.org; c@example.org']", "recipients.1: found 'a@example.org; c@example.org'"
         ": expected one address an item of the list: [a@example.org, c@example.org]"),
        ("recipients: ['mailto:a@example.org']", "do you mean a@example.org?"),
        ("recipients: [a@example.org\nowner: b@example.org", "3: not YAML: the [ that opens here is not c"),
        ("recipients: [a@example.org]\nquiet: 12:30", '4: quiet: found 12:30: expected hours like "20:00'),
        ("recipients: [a@example.org]\nowner: ${OWNER}", "variables of the environment are not filled in he"),
    ],
)  # fmt: skip
def test_mistakes_in_recipients_and_times(tmp_path: Path, keys: str, said: str) -> None:
    assert said in faults(tmp_path, "watches/w.yaml", f"name: W\nquery: ferry\n{keys}\n")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("!weather AND ferry", "query: !weather is a tag to YAML; put the text into quotes: '!weather AND f"),
        ("&ferry", "query: &ferry begins with a name to YAML; put the text into quotes: '&ferry'"),
        ("*ferry", "goes into single quotes: query: '*ferry'"),
        ("@ferry", "goes into single quotes: query: '@ferry'"),
        ("|ferry", "goes into single quotes: query: '|ferry'"),
        ("#ferry", "query: #ferry is a comment to YAML; put the text into quotes: '#ferry'"),
        ("title: ferry", "goes into single quotes: query: 'title: ferry'"),
        ('"grain corridor" OR ferry', "goes into single quotes: query: '\"grain corridor\" OR ferry'"),
        ("'L'Express'", "goes into single quotes: query: 'L''Express'"),
        ("[ferry, boat]", "found a list: expected text; write it in quotes: '[ferry, boat]'"),
        ("- ferry", "each - of a list stands on a line of its own"),
        ('"ferry', "2: not YAML: the quote that opens here is not closed: query: \"ferry"),
    ],
)  # fmt: skip
def test_a_query_that_is_something_else_to_yaml(tmp_path: Path, query: str, said: str) -> None:
    text = f"name: W\nquery: {query}\nrecipients: [a@example.org]\n"
    found = faults(tmp_path, "watches/w.yaml", text)
    assert found.startswith("watches/w.yaml:2: ")
    assert said in found


def test_a_quote_is_told_where_it_opened_also_if_another_closes_it(tmp_path: Path) -> None:
    said = faults(tmp_path, "watches/w.yaml", 'name: "W\nquery: "ferry"\nrecipients: [a@example.org]\n')
    assert said == 'watches/w.yaml:1: not YAML: the quote that opens here is closed only in line 2: name: "W'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: “Gazette”\nstart: [https://a.example/]", "1: name: found “Gazette”: these quotes are part"),
        (SOURCE + "tags: regional, daily", "3: tags: found 'regional, daily': expected a list: ['regional'"),
        (SOURCE + "schedule: {every: 60}", "a number needs its unit: 60s, 60m or 60h"),
        (SOURCE + "schedule: {every: 15 minutes}", "do you mean 15m?"),
        (SOURCE + "schedule: 0 8 * * 1-5", 'expected {cron: "0 8 * * 1-5"}'),
        (SOURCE + "country: NO", 'write "NO" for Norway'),
        (SOURCE + "id: 007", "3: id: found 007: expected text; write it in quotes: '007'"),
        (SOURCE + "limits: {pages: " + "9" * 5000 + "}", "expected a whole number of fewer digits"),
        ("name: S\nstart: [htp://a.example/]", "do you mean http://a.example/?"),
        ("name: S\nstart: ['https:/a.example/news']", "do you mean https://a.example/news?"),
        ("name: S\nstart: [www.a.example]", "do you mean https://www.a.example/?"),
        ("name: S\nstart:\n\t- https://a.example/", "3: not YAML: found character '\\t'"),
        ("name:S\nstart: [https://a.example/]", "1: not YAML: a key is followed by a colon and a blank: na"),
        ("name: S\n start: [https://a.example/]", "2: not YAML: this key stands further in than th"),
        ("name: S\n\ufeffstart: [https://a.example/]", "2: start: an invisible character (U+FEFF)"),
        (SOURCE + "START: [https://a.example/]", "3: START: there is no such key; do you mean start?"),
        (SOURCE + "name: T", "3: name: is said twice, first in line 1; keep one"),
        ("<<<<<<< HEAD\nname: S\n=======\nname: T\n>>>>>>> main", "1: not YAML: an unresolved conflict"),
        (SOURCE + "selectors:\n  body: #main", "4: selectors.body: #main is a comment to YAML"),
        (SOURCE + "selectors: {body: //div/h1}", "expected a CSS selector like article h1; this is XPath"),
        (SOURCE + "selectors: {body: '" + "div " * 20_000 + "'}", "a CSS selector of at most 1,000 ch"),
        (SOURCE + "selectors: {body: '" + "a " * 400 + "'}", "with fewer parts within each other"),
        (SOURCE + "selectors: {body: 'h1 /'}", "found 'h1 /': expected a CSS selector"),
    ],
)  # fmt: skip
def test_mistakes_in_a_source(tmp_path: Path, text: str, said: str) -> None:
    found = faults(tmp_path, "sources/s.yaml", text + "\n")
    assert said in found
    assert "<DELIM" not in found


@pytest.mark.parametrize("name", ["2026-99-99", "2026-09-09 25:61:00"])
def test_a_date_that_is_none_is_text(tmp_path: Path, name: str) -> None:
    (tmp_path / "presswatch.yaml").write_text("")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "s.yaml").write_text(f"name: {name}\nstart: [https://a.example/]\n")
    assert [source.name for source in config.load(tmp_path).sources] == [name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SOURCE.encode("utf-16"), "1: is UTF-16; save the file as UTF-8"),
        (SOURCE.encode("utf-16-be"), "1: is UTF-16; save the file as UTF-8"),
        ("start: [https://a.example/]\n\nname: Süd\n".encode("latin-1"), "3: byte 0xFC (ü in Windows-1252)"),
    ],
)
def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in faults(tmp_path, "sources/s.yaml", content)


def test_a_file_of_windows_is_read_and_keeps_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbf# why\r\nname: S\r\nstart: [https://a.example/]\r\n")
    assert edited(path, {"enabled": "false"}) == (
        "# why\r\nname: S\r\nstart: [https://a.example/]\r\nenabled: false\r\n"
    )


def test_what_is_not_written_yet_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "presswatch.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"^query: found 'ferry AND'"):
        config.write_watch(
            tmp_path, "w", {"name": "W", "query": "ferry AND", "recipients": ["a@example.org"]}
        )
    assert not (tmp_path / "watches").exists()
