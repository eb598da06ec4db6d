"""Files of a configuration: what they may say, and what is said of those that are wrong."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from presswatch import config
from presswatch.config.models import Settings, Source, Watch
from presswatch.config.values import duration, say_duration
from presswatch.errors import ConfigError

SOURCE = "name: Gazette\nstart: [https://gazette.example/]\n"
WATCH = "name: Ferries\nquery: ferry\nrecipients: [desk@gazette.example]\n"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def lay(
    folder: Path, main: str = "", sources: dict[str, str] | None = None, watches: dict[str, str] | None = None
) -> Path:
    (folder / "presswatch.yaml").write_text(main)
    for kind, files in (("sources", sources or {}), ("watches", watches or {})):
        (folder / kind).mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / kind / f"{name}.yaml").write_text(text)
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        config.load(folder)
    return str(error.value).replace(f"{folder}/", "")


def keys(kind: Any) -> set[str]:
    """Every key a file of this kind may say, nested ones too."""
    schema = kind.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def test_the_starter_files_are_a_configuration_and_their_values_are_the_defaults(tmp_path: Path) -> None:
    written = config.init(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "presswatch.yaml",
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
    assert (source.enabled, watch.enabled) == (False, False)


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    config.init(tmp_path)
    (tmp_path / "sources" / "example.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        config.init(tmp_path)
    assert (tmp_path / "sources" / "example.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("kind", "file"),
    [(Settings, "presswatch.yaml"), (Source, "sources/example.yaml"), (Watch, "watches/example.yaml")],
)
def test_every_key_is_explained_in_the_starter_and_in_the_docs(kind: Any, file: str) -> None:
    text = (config.starter() / file).read_text()
    # `enabled: false` and the like stand bare; alternatives stand in comments.
    missing = {key for key in keys(kind) if f"{key}:" not in text} - {"env", "file"}
    assert missing == set()
    assert {key for key in keys(kind) if f"`{key}`" not in DOCS.read_text()} == set()


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
        ("crawl:\n\tdelay: 1s", "presswatch.yaml:2: not YAML"),
        ("crawl: {delay: 1s", "not YAML"),
        ("- a\n- b", "presswatch.yaml:1: found a list, expected keys and values"),
        ("contact: a\ncontact: b", "presswatch.yaml:2: contact: is said twice, first in line 1"),
        (
            "crawl:\n  allow_addresses: ['http://x/']",
            "presswatch.yaml:2: crawl.allow_addresses.0: found 'http://x/'",
        ),
        ("crawl:\n  revisit: [1h, never]", "crawl.revisit.1: found 'never': expected a duration"),
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
        (SOURCE + "limits:\n  pages: 0", "sources/bad.yaml:4: limits.pages: found 0"),
        (SOURCE + "selectors:\n  title: 'h1['", "sources/bad.yaml:4: selectors.title: found 'h1['"),
        ("name: x\nstart: [ftp://x.example/]", "sources/bad.yaml:2: start.0: found 'ftp://x.example/'"),
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
            "watches/bad.yaml:4: sources.0: there is no source gazete; do you mean gazette?",
        ),
        (WATCH + "deliver: {cron: daily}", "watches/bad.yaml:4: deliver.cron: found 'daily'"),
        ("name: x\nquery: ferry\nrecipients: [nobody]", "watches/bad.yaml:3: recipients.0: found 'nobody'"),
        ("name: x\nquery: '(ferry'\nrecipients: [a@b.example]", "watches/bad.yaml:2: query: found '(ferry'"),
    ],
)
def test_faults_of_watches(tmp_path: Path, watch: str, said: str) -> None:
    assert said in faults(lay(tmp_path, sources={"gazette": SOURCE}, watches={"bad": watch}))


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    told = faults(lay(tmp_path, "contct: x", {"a": "name: x", "b": SOURCE + "x: 1"}, {"c": "name: y"}))
    assert {line.split(":")[0] for line in told.splitlines()} == {
        "presswatch.yaml",
        "sources/a.yaml",
        "sources/b.yaml",
        "watches/c.yaml",
    }


def test_two_sources_with_one_id_are_told(tmp_path: Path) -> None:
    told = faults(lay(tmp_path, sources={"a": SOURCE + "id: same", "b": SOURCE + "id: same"}))
    assert "sources/b.yaml:3: id: same is the id of" in told


def test_a_missing_configuration_says_what_to_do(tmp_path: Path) -> None:
    assert "presswatch init" in faults(tmp_path)


def test_files_that_are_no_text_are_told(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "presswatch.yaml").write_bytes(b"contact: \xff\xfe")
    assert "presswatch.yaml:1: byte 9 is not UTF-8" in faults(tmp_path)


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
    assert yaml.safe_load(path.read_text()) == values


def test_a_changed_file_changes_the_fingerprint(tmp_path: Path) -> None:
    lay(tmp_path, sources={"a": SOURCE})
    before = config.fingerprint(tmp_path)
    assert config.fingerprint(tmp_path) == before
    (tmp_path / "sources" / "b.yaml").write_text(SOURCE)
    assert config.fingerprint(tmp_path) != before


@pytest.mark.parametrize("text", ["15m", "1h30m", "500ms", "3d", "2s"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert say_duration(duration(text)) == text


def test_the_schemas_know_every_key() -> None:
    assert set(config.json_schema()) == {"presswatch", "source", "watch"}
    assert "related_depth" in str(config.json_schema()["source"])
