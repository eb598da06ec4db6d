"""Files of a configuration: what they may say, and what is said of those that are wrong."""

import os
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from presswatch import __version__, config
from presswatch.config import yaml_loader
from presswatch.config.models import Recipient, Review, SavedSearch, Settings, Source, Watch
from presswatch.config.yaml_file import read
from presswatch.config_values import duration, say_duration, say_size
from presswatch.errors import ConfigError
from support.config_keys import config_keys

SOURCE = "name: Gazette\nstart: [https://gazette.example/]\n"
WATCH = "name: Ferries\nquery: ferry\nrecipients: [desk@gazette.example]\n"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def lay(
    folder: Path,
    main: str = "",
    sources: dict[str, str] | None = None,
    watches: dict[str, str] | None = None,
    reviews: dict[str, str] | None = None,
) -> Path:
    (folder / "presswatch.yaml").write_text(main)
    kinds = {"sources": sources, "watches": watches, "reviews": reviews}
    for kind, files in ((kind, files or {}) for kind, files in kinds.items()):
        (folder / kind).mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / kind / f"{name}.yaml").write_text(text)
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        config.load(folder)
    return str(error.value).replace(f"{folder}/", "")


def said_keys(values: Any, where: str = "") -> set[str]:
    """The keys that parsed YAML says, in the same form."""
    if isinstance(values, list):
        return {key for value in values for key in said_keys(value, where)}
    if not isinstance(values, dict):
        return set()
    if where == "channels.":  # the keys of each, whatever it is called
        return {key for one in values.values() for key in said_keys(one, "channels. ")}
    where = where.replace(". ", ".")
    inner = [said_keys(value, f"{where}{key}.") for key, value in values.items()]
    return {where + key for key in values} | {key for keys in inner for key in keys}


def alternatives(text: str) -> list[tuple[str, dict[str, Any]]]:
    """What stands commented out in a starter file, each block with the section that it stands in."""
    blocks: list[tuple[str, list[str]]] = []
    section, open_ = "", False
    for line in text.splitlines():
        commented = re.fullmatch(r"( *)#   (.*)", line)
        if commented and not open_:
            blocks.append((section if commented[1] else "", []))
        if commented:
            blocks[-1][1].append(commented[2])
        open_ = bool(commented)
        if key := re.match(r"(\w+):", line):
            section = key[1]
    each = [(section, one) for section, lines in blocks for one in _entries(lines)]
    return [(section, values) for section, values in each if isinstance(values, dict)]


def _entries(lines: list[str]) -> list[Any]:
    """One example after another, each beginning at the margin."""
    starts = [place for place, line in enumerate(lines) if not line.startswith(" ")]
    return [
        yaml.safe_load("\n".join(lines[begin:end]))
        for begin, end in zip(starts, [*starts[1:], None], strict=True)
    ]


FILES = pytest.mark.parametrize(
    ("kind", "file"),
    [
        (Settings, "presswatch.yaml"),
        (Source, "sources/example.yaml"),
        (Watch, "watches/example.yaml"),
        (Review, "reviews/example.yaml"),
    ],
)


def test_the_starter_files_are_a_configuration_and_their_values_are_the_defaults(tmp_path: Path) -> None:
    written = config.init(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "kibana/presswatch.ndjson",
        "presswatch.yaml",
        "reviews/example.yaml",
        "sources/example.yaml",
        "watches/example.yaml",
    }
    loaded = config.load(tmp_path)
    assert {name: getattr(loaded, name) for name in Settings.model_fields} == dict(Settings())
    [source], [watch] = loaded.sources, loaded.watches
    given: Any = {
        "id": "example",
        "name": source.name,
        "start": source.start,
        "enabled": False,
        "time_zone": "UTC",
    }
    assert source == Source(**given)
    [review] = loaded.reviews
    assert (source.enabled, watch.enabled, review.enabled) == (False, False, False)


def test_a_configuration_of_another_user_is_told_of(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    folder.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(ConfigError, match="cannot be read: Permission denied; commands work as the user"):
            config.load(folder)
    finally:
        os.seteuid(me)
        folder.chmod(0o700)


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    config.init(tmp_path)
    (tmp_path / "sources" / "example.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        config.init(tmp_path)
    assert (tmp_path / "sources" / "example.yaml").read_text() == "mine"


@FILES
def test_every_key_stands_in_the_starter_with_a_comment(kind: Any, file: str) -> None:
    text = (config.starter() / file).read_text()
    said = said_keys(yaml.safe_load(text))
    for section, values in alternatives(text):
        said |= said_keys(values, f"{section}." if section else "")
    assert set(config_keys(kind)) - said == set()
    for line, before in zip(text.splitlines()[1:], text.splitlines(), strict=False):
        assert not re.match(r"\w+: \S", line) or before.startswith("#"), f"{line} has no comment"


@FILES
def test_what_the_starter_shows_commented_out_is_right_too(kind: Any, file: str) -> None:
    text = (config.starter() / file).read_text()
    shown = alternatives(text)
    for section, values in shown:
        changed = yaml.safe_load(text)
        (changed[section] if section else changed).update(values)
        kind.model_validate(changed)
    assert shown


def test_the_docs_lead_to_the_files_that_list_every_key() -> None:
    linked = re.findall(r"\]\((\.\./config/[^)]+)\)", DOCS.read_text())
    assert {(DOCS.parent / link).resolve().name for link in linked} == {"presswatch.yaml", "example.yaml"}
    assert all((DOCS.parent / link).is_file() for link in linked)


def test_ids_come_from_file_names_and_zones_from_the_main_file(tmp_path: Path) -> None:
    loaded = config.load(lay(tmp_path, "time_zone: Asia/Tokyo", {"gazette": SOURCE}, {"ferries": WATCH}))
    assert (loaded.sources[0].id, loaded.watches[0].id) == ("gazette", "ferries")
    assert (loaded.sources[0].time_zone, loaded.watches[0].time_zone) == ("Asia/Tokyo", "Asia/Tokyo")
    assert config.hints(loaded.sources[0]).zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("contct: x", "presswatch.yaml:1: contct: there is no such key; do you mean contact?"),
        ("crawl:\n  dely: 1s", "presswatch.yaml:2: crawl.dely: there is no such key; do you mean delay?"),
        ("crawl:\n  delay: soon", "presswatch.yaml:2: crawl.delay: found 'soon': expected a duration"),
        (
            "time_zone: Berlin",
            "presswatch.yaml:1: time_zone: found 'Berlin': expected a time zone's IANA name",
        ),
        ("mail:\n  smtp:\n    port: 25", "presswatch.yaml:2: mail.smtp.host: is missing"),
        (
            "mail:\n  smtp:\n    host: x\n    security: ssl",
            "presswatch.yaml:4: mail.smtp.security: found 'ssl'",
        ),
        ("crawl:\n\tdelay: 1s", "presswatch.yaml:2: not YAML: found character '\\t'"),
        ("crawl:\n\tdelay: 1s", "use blanks, not tabs"),
        (
            "crawl: {delay: 1s",
            "presswatch.yaml:1: not YAML: the { that opens here is not closed, or a comma is missing",
        ),
        ("crawl:\n  delay: 1s\n timeout: 1s", "presswatch.yaml:3: not YAML: expected <block end>"),
        ("time_zone: UTC\n---\ntime_zone: UTC", "keep one document"),
        (
            "contact: !!python/object:os.system x",
            "presswatch.yaml:1: contact: !!python/object:os.system is a tag to YAML; put the",
        ),
        ("contact: &a [*a]", "presswatch.yaml:1: contact: found a list: expected text"),
        ("\n\ncontact: a\x07b", "presswatch.yaml:3: not YAML: the character U+0007 is not allowed"),
        ("contact: " + "[" * 600, "presswatch.yaml:1: is nested too deeply"),
        ("hello", "presswatch.yaml:1: found text, expected keys and values"),
        ("yes: 1", "presswatch.yaml:1: yes: is no key"),
        ("crawl:\n  ? [a]\n  : b", "presswatch.yaml:2: what stands here: is no key"),
        ("crawl: fast", "presswatch.yaml:1: crawl: found 'fast': expected keys and values"),
        ("crawl: {processes: many}", "crawl.processes: found 'many': expected a whole number"),
        ("crawl: {processes: 0}", "crawl.processes: found 0: expected at least 1"),
        ("crawl: {delay: 99999999999d}", "crawl.delay: found '99999999999d': expected a duration"),
        ("crawl: {delay: 9999d}", "expected a duration of at most ten years"),
        ("crawl: {timeout: 0s}", "crawl.timeout: found '0s': expected more than no time at all"),
        ("crawl: {max_page_size: 8MB}", "found '8MB': expected a size like 8MiB"),
        ("crawl: {max_page_size: 0B}", "found '0B': expected a size like 8MiB"),
        ("crawl: {revisit: [6h, 1h]}", "crawl.revisit: found a list: expected ascending durations"),
        ("tick: 5s", "presswatch.yaml:1: tick: there is no such key; do you mean daemon.tick?"),
        ('contact: "a@b.example\\r\\nX: y"', "presswatch.yaml:1: contact: found"),
        (
            "contact: Zoë Müller",
            "contact: found 'Zoë Müller': expected a mail address or the address of a page",
        ),
        ("time_zone: europe/berlin", "do you mean Europe/Berlin?"),
        (
            "mail: {smtp: {host: x, security: none, username: me, password: {env: X}}}",
            "mail.smtp: found keys and values: security: none would send the password for everybody",
        ),
        ("mail: {smtp: {host: x, username: me}}", "mail.smtp: found keys and values: expected username and"),
        ("- a\n- b", "presswatch.yaml:1: found a list, expected keys and values"),
        ("contact: a\ncontact: b", "presswatch.yaml:2: contact: is said twice, first in line 1"),
        (
            "crawl:\n  allow_addresses: ['http://x/']",
            "presswatch.yaml:2: crawl.allow_addresses.1: found 'http://x/'",
        ),
        ("crawl:\n  revisit: [1h, never]", "crawl.revisit.2: found 'never': expected a duration"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_expected(tmp_path: Path, main: str, said: str) -> None:
    assert said in faults(lay(tmp_path, main))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("name: x", "sources/bad.yaml:1: start: is missing"),
        (
            SOURCE + "schedule: {cron: '61 * * * *'}",
            "sources/bad.yaml:3: schedule.cron: found '61 * * * *': '61' is no minute",
        ),
        (SOURCE + "schedule: {evry: 5m}", "there is no such key; do you mean every?"),
        (SOURCE + "schedule: 15m", "schedule: found '15m': expected {every: 15m}"),
        (
            SOURCE + "schedule: {every: 15m, cron: '@daily'}",
            "schedule: found keys and values: expected either",
        ),
        (SOURCE + "schedule: {every: 500ms}", "schedule.every: found '500ms': expected at least 1s"),
        (SOURCE + "schedule: {cron: @daily}", "not YAML: found character '@'"),
        (SOURCE + "schedule: {cron: @daily}", "goes into single quotes"),
        (SOURCE + "language: no", "language: found no: expected text; write it in quotes: 'no'"),
        (SOURCE + "language: German", "found 'German': expected a language's code like en, de or zh-Hans"),
        (SOURCE + "tags: [2026]", "tags.1: found 2026: expected text; write it in quotes: '2026'"),
        (SOURCE + "delay: 1s", "sources/bad.yaml:3: delay: there is no such key; do you mean limits.delay?"),
        (SOURCE + "enabled: maybe", "enabled: found 'maybe': expected true or false"),
        ("name: x\nstart: https://x.example/", "found 'https://x.example/': expected a list: ['https://x.e"),
        ("name: x\nstart: []", "start: found an empty list: expected at least one"),
        ("name: ' '\nstart: [https://x.example/]", "name: found ' ': expected some text"),
        ("name:\nstart: [https://x.example/]", "sources/bad.yaml:1: name: is missing; it must be given"),
        (SOURCE + "limits:\n  pages: 0", "sources/bad.yaml:4: limits.pages: found 0"),
        (SOURCE + "selectors:\n  title: 'h1['", "sources/bad.yaml:4: selectors.title: found 'h1['"),
        ("name: x\nstart: [ftp://x.example/]", "sources/bad.yaml:2: start.1: found 'ftp://x.example/'"),
        (SOURCE + "id: Not Good", "sources/bad.yaml:3: id: found 'Not Good': expected small letters"),
        ("", "sources/bad.yaml:1: name: is missing"),
    ],
)
def test_faults_of_sources(tmp_path: Path, source: str, said: str) -> None:
    assert said in faults(lay(tmp_path, sources={"bad": source}))


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        (
            WATCH + "sources: [gazete]",
            "watches/bad.yaml:4: sources.1: there is no source gazete; do you mean gazette?",
        ),
        (WATCH + "deliver: {cron: daily}", "watches/bad.yaml:4: deliver.cron: found 'daily'"),
        (WATCH + "deliver: weekly", "deliver: found 'weekly': expected instant, {collect: 2m, gap: 10m}, {"),
        (
            WATCH + "deliver: {every: 1h, gap: 1m}",
            "expected instant, {collect: 2m, gap: 10m}, {",
        ),
        (WATCH + "deliver: {every: 500ms}", "deliver.every: found '500ms': expected at least 1s"),
        (WATCH + "nil_report: true", "nil_report needs deliver: {every: 1d} or {cron: ...}"),
        (
            "name: x\nquery: ferry\nrecipients: [nobody]",
            "recipients: there is no group nobody in alerts.groups, and no such channel in channels; ",
        ),
        (
            "name: x\nquery: ferry\nrecipients: [Jane <jane@]",
            "recipients.1: found 'Jane <jane@': expected a mail address like desk@example.org or Jane Doe",
        ),
        (WATCH + 'owner: "boss@ü..de"', "owner"),
        ("name: x\nquery: ferry\nrecipients: [y@a..b]", "recipients.1: found 'y@a..b': expected a mail"),
        (WATCH + "quiet: night", "quiet: found 'night': expected hours like \"20:00-07:00\""),
        (WATCH + 'quiet: "08:00-08:00"', "expected hours like"),
        (WATCH + 'quiet: "25:00-08:00"', "expected hours like"),
        (WATCH + "owner: nobody", "owner: found 'nobody': expected a mail address like desk@example.org"),
        (
            WATCH + "at_most: 0 per hour",
            "at_most: found '0 per hour': expected a number of mails",
        ),
        (WATCH + "at_most: 6", "at_most: found 6: expected a number of mails, at least 1, like 6 per hour"),
        ('name: x\nquery: "a b" OR c\nrecipients: [a@b.example]', "watches/bad.yaml:2: not YAML"),
        (
            'name: x\nquery: "a b" OR c\nrecipients: [a@b.example]',
            "goes into single quotes: query: '\"a b\" OR c'",
        ),
        ("name: x\nquery: ferry\nrecipients: a@b.example", "expected a list: ['a@b.example']"),
        (
            "name: x\nquery: ferry\nrecipients: [nobody]",
            "watches/bad.yaml:3: recipients: there is no group nobody in alerts.groups",
        ),
        ("name: x\nquery: '(ferry'\nrecipients: [a@b.example]", "watches/bad.yaml:2: query: found '(ferry'"),
    ],
)
def test_faults_of_watches(tmp_path: Path, watch: str, said: str) -> None:
    assert said in faults(lay(tmp_path, sources={"gazette": SOURCE}, watches={"bad": watch}))


def test_one_mistake_is_one_fault(tmp_path: Path) -> None:
    """No fault follows from another: not of a union's other members, nor of a broken source's watch."""
    source = SOURCE + "schedule: {every: soon}\n"
    told = faults(lay(tmp_path, sources={"bad": source}, watches={"good": WATCH + "sources: [bad]"}))
    assert told == (
        "sources/bad.yaml:3: schedule.every: found 'soon': expected a duration like 15m, 1h30m, 2s or 3d"
    )
    lay(tmp_path, sources={"bad": "name: x\nstart: [ftp://x.example/]"})
    assert len(faults(tmp_path).splitlines()) == 1


def test_aliases_are_understood_and_cannot_be_made_a_bomb(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in pairwise("abcdefghi"):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    told = faults(lay(tmp_path, bomb))
    assert [line.split(":")[1] for line in told.splitlines()] == [str(number) for number in range(1, 10)]
    shared = "name: &name Gazette\nstart: [https://x.example/]\ntags: [*name]"
    lay(tmp_path, "", {"gazette": shared})
    assert config.load(tmp_path).sources[0].tags == ("Gazette",)


def test_libyaml_reads_files_as_pyyaml_alone_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    texts = [path.read_text() for path in sorted(config.starter().rglob("*.yaml"))]
    # What people strike by mistake, anywhere: a fault is told with the same line and the same words.
    draw = Random(20261128)
    for text in list(texts):
        lines = text.splitlines()
        for slip in (" ", "\t", ":", "- ", '"', "'", "#", "[", "}", "&", "*", "|", "%", "ä: ö", "! x", "“x”"):
            place = draw.randrange(len(lines))
            at = draw.randrange(len(lines[place]) + 1)
            texts.append(
                "\n".join((*lines[:place], lines[place][:at] + slip + lines[place][at:], *lines[place + 1 :]))
            )
    path = tmp_path / "one.yaml"
    quick, alone = [], []
    for text in texts:
        path.write_text(text)
        quick.append(read(path))
        with monkeypatch.context() as changed:
            changed.setattr(yaml_loader, "_QuickLoader", yaml.SafeLoader)
            alone.append(read(path))
    assert quick == alone
    assert {bool(file.faults) for file in quick} == {True, False}


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_no_depth_of_brackets_ends_the_program(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.yaml").write_text(text)
    assert read(tmp_path / "deep.yaml").faults == [f"{tmp_path / 'deep.yaml'}:1: is nested too deeply"]


def test_empty_files_and_empty_sections_are_defaults(tmp_path: Path) -> None:
    lay(tmp_path, "crawl:\nmail:\n  # smtp:\ncontact:\n", {"a": SOURCE + "limits:\nselectors:\n"})
    loaded = config.load(tmp_path)
    assert loaded.crawl == config.Settings().crawl
    assert loaded.sources[0].limits.pages == 100
    lay(tmp_path, "", {"a": SOURCE})
    assert config.load(tmp_path).mail == config.Settings().mail


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    lay(tmp_path, sources={"b": SOURCE, "a": SOURCE + "id: z"})
    for name in (".#a.yaml", "a.yaml~", "notes.txt"):
        (tmp_path / "sources" / name).write_text("not: [yaml")
    (tmp_path / "sources" / "C.YML").write_text(SOURCE + "id: c")
    assert [source.id for source in config.load(tmp_path).sources] == ["b", "c", "z"]
    (tmp_path / "watches").rmdir()
    assert config.load(tmp_path).watches == ()
    (tmp_path / "watches").write_text("")
    assert faults(tmp_path) == "watches: cannot be read: Not a directory"


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    told = faults(lay(tmp_path, "contct: x", {"a": "name: x", "b": SOURCE + "x: 1\nid: B"}, {"c": "name: y"}))
    assert [":".join(line.split(":")[:3]) for line in told.splitlines()] == [
        "presswatch.yaml:1: contct",
        "sources/a.yaml:1: start",
        "sources/b.yaml:3: x",
        "sources/b.yaml:4: id",
        "watches/c.yaml:1: query",
        "watches/c.yaml:1: recipients",
    ]


def test_two_sources_with_one_id_are_told(tmp_path: Path) -> None:
    told = faults(lay(tmp_path, sources={"a": SOURCE + "id: same", "b": SOURCE + "id: same"}))
    assert "sources/b.yaml:3: id: same is the id of" in told


def test_a_missing_configuration_says_what_to_do(tmp_path: Path) -> None:
    assert "presswatch init" in faults(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "sources" / "a.yaml").mkdir()
    assert faults(tmp_path) == "sources/a.yaml:1: cannot be read: Is a directory"
    file = tmp_path / "presswatch.yaml"
    with pytest.raises(ConfigError, match="presswatch init"):
        config.load(file)


def test_files_that_are_no_text_are_told(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "presswatch.yaml").write_bytes(b"contact: \xff\xfe")
    assert "presswatch.yaml:1: byte 0xFF (ÿ in Windows-1252) is not UTF-8" in faults(tmp_path)


def test_secrets_come_from_the_environment_or_a_file_and_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSWATCH_TEST_SECRET", "hunter2")
    (tmp_path / "secret").write_text("hunter3\n")
    by_env, by_file = config.Secret(env="PRESSWATCH_TEST_SECRET"), config.Secret(file=tmp_path / "secret")
    assert (by_env.reveal(), by_file.reveal()) == ("hunter2", "hunter3")
    assert "hunter" not in repr([by_env, by_file]) + by_env.model_dump_json() + by_file.model_dump_json()
    monkeypatch.delenv("PRESSWATCH_TEST_SECRET")
    with pytest.raises(ConfigError, match="PRESSWATCH_TEST_SECRET"):
        by_env.reveal()
    for content, said in ((b" \n", "is empty"), (b"\xff", "is not UTF-8")):
        (tmp_path / "secret").write_bytes(content)
        with pytest.raises(ConfigError, match=said):
            by_file.reveal()
    (tmp_path / "secret").unlink()
    with pytest.raises(ConfigError, match="No such file"):
        by_file.reveal()


@pytest.mark.parametrize(
    "main",
    [
        "mail: {smtp: {host: x, username: u, password: hunter2}}",
        "mail: {smtp: {host: x, username: u, password: [hunter2]}}",
        "mail: {smtp: {host: x, username: u, password: {env: hunter2!}}}",
        "mail: {smtp: {host: x, username: u, password: {value: hunter2}}}",
        "search: {elasticsearch: {urls: ['https://x/'], api_key: hunter2}}",
        "search: {elasticsearch: {urls: ['https://elastic:hunter2@x/']}}",
        "search: {elasticsearch: {urls: 'https://elastic:hunter2@x/'}}",
    ],
)
def test_a_secret_written_in_the_wrong_place_is_not_repeated(tmp_path: Path, main: str) -> None:
    assert "hunter" not in faults(lay(tmp_path, main))


def test_paths_are_counted_from_the_folder_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = "mail: {smtp: {host: x, username: u, password: {file: keys/smtp}, ca_file: /etc/ca.pem}}"
    lay(tmp_path, main)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "smtp").write_text("hunter2\n")
    monkeypatch.chdir("/")
    smtp = config.load(tmp_path).mail.smtp
    assert smtp is not None
    assert smtp.password is not None
    assert (smtp.password.reveal(), smtp.ca_file) == ("hunter2", Path("/etc/ca.pem"))
    assert "hunter2" not in repr(smtp) + smtp.model_dump_json()


def test_new_files_are_checked_written_and_never_overwritten(tmp_path: Path) -> None:
    lay(tmp_path)
    values = {"name": "Кур'єр", "start": ["https://courier.example/"], "schedule": {"every": "20m"}}
    path = config.write_source(tmp_path, "courier", values)
    config.write_watch(tmp_path, "ferry", {"name": "F", "query": "ferry", "recipients": ["a@b.example"]})
    loaded = config.load(tmp_path)
    assert (loaded.sources[0].name, loaded.sources[0].schedule) == (
        "Кур'єр",
        config.Every(every=timedelta(minutes=20)),
    )
    with pytest.raises(ConfigError, match="is there already"):
        config.write_source(tmp_path, "courier", values)
    with pytest.raises(ConfigError, match="start"):
        config.write_source(tmp_path, "other", {"name": "x"})
    with pytest.raises(ConfigError, match="small letters"):
        config.write_source(tmp_path, "../other", values)
    with pytest.raises(ConfigError, match="query"):
        config.write_watch(tmp_path, "bad", {"name": "F", "query": "(f", "recipients": ["a@b.example"]})
    (tmp_path / "sources" / "x.yaml").write_text(SOURCE + "id: taken")
    with pytest.raises(ConfigError, match=r"x.yaml: has the id taken already"):
        config.write_source(tmp_path, "taken", values)
    assert yaml.safe_load(path.read_text()) == values
    assert path.read_text().startswith("# ")
    assert sorted(one.name for one in tmp_path.rglob("*") if one.is_file()) == [
        "courier.yaml",
        "ferry.yaml",
        "presswatch.yaml",
        "x.yaml",
    ]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "sources").rmdir()
    (tmp_path / "sources").write_text("")
    with pytest.raises(ConfigError, match="Not a directory"):
        config.write_source(tmp_path, "a", {"name": "x", "start": ["https://x.example/"]})


def test_who_we_say_we_are() -> None:
    assert config.user_agent(config.Config()) == f"presswatch/{__version__}"
    named = config.Config(contact="https://desk.example/bot")
    assert config.user_agent(named) == f"presswatch/{__version__} (+https://desk.example/bot)"


def test_a_changed_file_changes_the_fingerprint(tmp_path: Path) -> None:
    lay(tmp_path, sources={"a": SOURCE})
    before = config.fingerprint(tmp_path)
    assert config.fingerprint(tmp_path) == before
    (tmp_path / "sources" / "b.yaml").write_text(SOURCE)
    added = config.fingerprint(tmp_path)
    (tmp_path / "sources" / "b.yaml").write_text(SOURCE + "tags: [a]")
    edited = config.fingerprint(tmp_path)
    (tmp_path / "sources" / "b.yaml").unlink()
    assert config.fingerprint(tmp_path) == before
    assert len({before, added, edited}) == 3


@pytest.mark.parametrize("text", ["15m", "1h30m", "500ms", "3d", "2s"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert say_duration(duration(text)) == text


@pytest.mark.parametrize(("size", "said"), [(8 << 20, "8MiB"), (1000, "1000B"), (3 << 29, "1536MiB")])
def test_sizes_are_written_as_they_are_read(size: int, said: str) -> None:
    assert say_size(size) == said
    assert config.Settings.model_validate({"crawl": {"max_page_size": said}}).crawl.max_page_size == size


def test_what_was_loaded_is_written_as_it_is_read(tmp_path: Path) -> None:
    config.init(tmp_path)
    loaded = config.load(tmp_path)
    for kind, parts in ((Source, loaded.sources), (Watch, loaded.watches)):
        for part in parts:
            assert kind.model_validate(part.model_dump(mode="json")) == part
    assert config.Config.model_validate(loaded.model_dump(mode="json")) == loaded


def test_the_schemas_know_every_key() -> None:
    kinds = (Settings, Source, Watch, SavedSearch, Review)
    for kind, schema in zip(kinds, config.json_schema().values(), strict=True):
        parts = [schema, *schema.get("$defs", {}).values()]
        known = {key for part in parts for key in part.get("properties", {})}
        assert {key.split(".")[-1] for key in config_keys(kind)} <= known
        assert all(part["additionalProperties"] is False for part in parts)


def test_a_configuration_can_be_the_key_of_a_cache(tmp_path: Path) -> None:
    login = "headers: {X-Api-Key: {env: GAZETTE_KEY}}\n"
    plain = config.load(lay(tmp_path, "", {"gazette": SOURCE}, {"ferries": WATCH}))
    with_login = config.load(lay(tmp_path, "", {"gazette": SOURCE + login}, {"ferries": WATCH}))
    assert len({plain, with_login, config.load(tmp_path)}) == 2


def test_groups_stand_for_their_members(tmp_path: Path) -> None:
    groups = """alerts:
  groups:
    desk: ["Jane Doe <jane@gazette.example>", night]
    night: [night@gazette.example, jane@gazette.example]
"""
    watch = "name: x\nquery: ferry\nrecipients: [owner@gazette.example, desk, night]\n"
    [made] = config.load(lay(tmp_path, groups, watches={"x": watch})).watches
    assert [str(one) for one in made.recipients] == [
        "owner@gazette.example",
        "Jane Doe <jane@gazette.example>",
        "night@gazette.example",
    ]


def test_a_recipient_says_how_it_reads(tmp_path: Path) -> None:
    groups = """alerts:
  groups:
    desk:
      - {address: jane@gazette.example, name: Jane Doe, language: de, time_zone: Europe/Berlin, format: text}
      - yu@gazette.example
"""
    watch = """name: x
query: ferry
recipients:
  - jane@gazette.example
  - desk
  - {address: yu@gazette.example, language: zh}
"""
    [made] = config.load(lay(tmp_path, groups, watches={"x": watch})).watches
    # An address that comes twice stays once, with all that is said of it.
    assert [one.model_dump() for one in made.recipients if isinstance(one, Recipient)] == [
        {
            "address": "jane@gazette.example",
            "name": "Jane Doe",
            "language": "de",
            "time_zone": "Europe/Berlin",
            "format": "text",
        },
        {"address": "yu@gazette.example", "name": "", "language": "zh", "time_zone": "", "format": ""},
    ]
    # What says no more than an address is written as one.
    plain = Watch.model_validate({"name": "x", "query": "x", "recipients": ["Jane <jane@gazette.example>"]})
    assert plain.model_dump(mode="json")["recipients"] == ["Jane <jane@gazette.example>"]


def test_what_is_wrong_with_a_recipient_is_told_with_what_there_is(tmp_path: Path) -> None:
    main = """alerts:
  language: german
  groups:
    desk: [{address: a@gazette.example, langage: de}]
"""
    watch = """name: x
query: ferry
recipients:
  - {address: jane, language: zh-CN}
  - {address: j@gazette.example, format: tekst, time_zone: Berlin}
  - {language: it}
  - 17
  - {address: j@gazette.example, name: "<script>"}
"""
    said = faults(lay(tmp_path, main, watches={"x": watch})).splitlines()
    known = "expected one of en (English), de (German), fr (French), es (Spanish), zh (Chinese), ar (Arabic)"
    formats = "expected html (with plain text beside it) or text (plain text alone)"
    for line in (
        f"presswatch.yaml:2: alerts.language: found 'german': {known}; do you mean de?",
        "presswatch.yaml:4: alerts.groups.desk.1.langage: there is no such key; do you mean language?",
        "watches/x.yaml:4: recipients.1.address: found 'jane': expected a mail address like desk@example.org",
        f"watches/x.yaml:4: recipients.1.language: found 'zh-CN': {known}; do you mean zh?",
        f"watches/x.yaml:5: recipients.2.format: found 'tekst': {formats}; do you mean text?",
        "watches/x.yaml:5: recipients.2.time_zone: found 'Berlin': expected a time zone's IANA name like "
        "Europe/Berlin or UTC; do you mean Europe/Berlin?",
        "watches/x.yaml:6: recipients.3.address: is missing; it must be given",
        f"watches/x.yaml:6: recipients.3.language: found 'it': {known}",
        "watches/x.yaml:7: recipients.4: found 17: expected a mail address like desk@example.org, a group's "
        "name, or {address: desk@example.org, language: de}",
        "watches/x.yaml:8: recipients.5.name: found '<script>': expected a name like Jane Doe; the address "
        "stands under address",
    ):
        assert line in said


CHANNELS = """channels:
  newsroom-bot: {webhook: {url: "https://bot.example.org/hook"}}
  phone: {apprise: {url: {env: PRESSWATCH_PHONE}}}
"""


def test_a_watch_names_channels_as_it_names_groups(tmp_path: Path) -> None:
    groups = "alerts: {groups: {desk: [a@gazette.example, phone]}}"
    watch = "name: x\nquery: ferry\nrecipients: [newsroom-bot, desk]\n"
    [made] = config.load(lay(tmp_path, CHANNELS + groups, watches={"x": watch})).watches
    assert [str(one) for one in made.recipients] == ["newsroom-bot", "a@gazette.example", "phone"]


@pytest.mark.parametrize(
    ("main", "recipient", "said"),
    [
        (
            CHANNELS,
            "fone",
            "watches/x.yaml:3: recipients: there is no group fone in alerts.groups, and no such ",
        ),
        (CHANNELS, "fone", "do you mean phone?"),
        (
            CHANNELS + "alerts: {groups: {phone: [a@b.example]}}",
            "phone",
            "phone is the name of a group in alerts",
        ),
        (
            'channels: {mail: {webhook: {url: "https://b.example/"}}}',
            "mail",
            "mail stands for everybody's mail",
        ),
        ("channels: {x: {}}", "x", "channels.x: found keys and values: expected one of webhook, apprise"),
        (
            'channels: {x: {webhook: {url: "https://u:hunter2@b.example/"}}}',
            "x",
            "channels.x.webhook.url: expected an address that begins with http:// or https://, names no user",
        ),
        (
            "channels: {x: {webhook: {url: ftp://b.example/}}}",
            "x",
            "channels.x.webhook.url: expected an address",
        ),
        ("channels: {x: {webhook: {adress: 1}}}", "x", "channels.x.webhook.adress: there is no such key"),
        (
            'channels: {x: {webhook: {url: "https://b.example/", tiemout: 5s}}}',
            "x",
            "channels.x.webhook.tiemout: there is no such key; do you mean timeout?",
        ),
        ('channels: {x: {apprise: {url: "ntfy://topic"}}}', "x", "a secret itself must not stand here"),
        (
            "mail: {smtp: {host: a.example, username: me, password: {env: P}, token_command: [x]}}",
            "a@b.example",
            "token_command stands in the place of password",
        ),
        ("mail: {smtp: {host: a.example, token_command: [x]}}", "a@b.example", "token_command stands in the"),
    ],
)
def test_faults_of_channels(tmp_path: Path, main: str, recipient: str, said: str) -> None:
    watch = f"name: x\nquery: ferry\nrecipients: [{recipient}]\n"
    told = faults(lay(tmp_path, main, watches={"x": watch}))
    assert said in told
    assert "hunter2" not in told


def test_a_group_that_holds_itself_or_names_what_there_is_not_is_told(tmp_path: Path) -> None:
    groups = "alerts: {groups: {a: [b], b: [a], desk: [dask]}}"
    said = faults(lay(tmp_path, groups))
    assert "presswatch.yaml:1: alerts.groups.a: the group a holds itself: a > b > a" in said
    assert "alerts.groups.desk: there is no group dask in alerts.groups, and no such channel" in said
    assert "do you mean desk?" in said


REVIEW = "name: Morning\ncron: '0 7 * * *'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            REVIEW + "sections:\n  - name: Sea\n    watches: [ferris]\n",
            "5: sections.1.watches.1: there is no watch ferris; do you mean ferries?",
        ),
        (REVIEW, "sections: is missing; it must be given"),
        (REVIEW + "sections: []\n", "3: sections: found an empty list: expected at least one"),
        (
            REVIEW + "sections:\n  - name: Sea\n    watches: []\n",
            "5: sections.1.watches: found an empty list: expected at least one",
        ),
        (
            REVIEW + "sections: [{name: Sea, watches: [ferries]}]\nrecipients: [dsk]\n",
            "4: recipients: there is no group dsk in alerts.groups, and no such channel in channels; "
            "expected a group, a channel, or a mail address like desk@example.org; do you mean desk?",
        ),
        (
            REVIEW + "sections: [{name: Sea, watches: [ferries]}]\ntexts: half\n",
            "4: texts: found 'half': expected 'headline', 'passage' or 'full'",
        ),
        (
            "name: Morning\ncron: noon\nsections: [{name: Sea, watches: [ferries]}]\n",
            "2: cron: found 'noon': expected five fields",
        ),
        (REVIEW + "section: []\nsections: [{name: Sea, watches: [ferries]}]\n", "do you mean sections?"),
    ],
)
def test_what_is_wrong_with_a_review_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    main = "alerts: {groups: {desk: [a@gazette.example]}}"
    found = faults(lay(tmp_path, main, watches={"ferries": WATCH}, reviews={"morning": text}))
    assert found.startswith("reviews/morning.yaml:")
    assert said in found


def test_a_review_is_read_with_its_groups_its_zone_and_whenever_its_file_changes(tmp_path: Path) -> None:
    main = "time_zone: Asia/Tokyo\nalerts: {groups: {desk: [a@gazette.example]}}"
    text = REVIEW + "sections: [{name: Sea, watches: [ferries]}]\nrecipients: [desk]\n"
    folder = lay(tmp_path, main, watches={"ferries": WATCH}, reviews={"morning": text})
    before = config.fingerprint(folder)
    [review] = config.load(folder).reviews
    assert (review.id, review.time_zone, review.texts) == ("morning", "Asia/Tokyo", "passage")
    assert [str(one) for one in review.recipients] == ["a@gazette.example"]
    (folder / "reviews" / "morning.yaml").write_text(text + "pdf: true\n")
    assert config.fingerprint(folder) != before
