"""A backup holds everything but secrets, and comes back as it was, or not at all."""

import hashlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bench.stock import contents
from presswatch.archive import Archive, copying, database, migration, overview, schema_version
from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.backup.made import make
from presswatch.backup.manifest import MANIFEST, Manifest, opened
from presswatch.backup.placed import place
from presswatch.demo.press import Press
from presswatch.errors import BusyError, DamagedError, PresswatchError, UsageError
from presswatch.lock import daemon_lock
from support import PATIENCE
from support.deployment import Deployment
from support.newsroom import Newsroom
from support.stock import stock
from support.template import new_archive

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CANARY = "canary-29d1f0"


def quiet(_step: str, _done: int, _of: int) -> None:
    """Tells nobody."""


class Installation:
    """A configuration and a data folder with something in them."""

    def __init__(self, folder: Path) -> None:
        self.config, self.data, self.file = folder / "config", folder / "data", folder / "backup.zip"
        self.write("presswatch.yaml", "contact: desk@gazette.example\n")
        self.write("sources/gazette.yaml", "name: Gazette\nstart: [https://gazette.example/]\n")
        with new_archive(self.data / "archive.sqlite") as archive:
            Newsroom(archive).publish("https://gazette.example/1", "The ferry ran aground in the storm.")
        (self.data / "mail").mkdir()
        (self.data / "mail" / "one.eml").write_bytes(b"Subject: Ferry\r\n\r\nIt ran aground.\r\n")

    def write(self, name: str, text: str) -> None:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def back_up(self) -> Manifest:
        return make(self.file, self.config, self.data, NOW, quiet)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "there"


def restore(file: Path, there: Path) -> Manifest:
    return place(file, there / "config", there / "data", quiet)


def files(folder: Path) -> dict[str, str]:
    """The hash of every file, the lock of the daemon left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "daemon.lock"
    }


def test_what_was_backed_up_comes_back(installation: Installation, there: Path) -> None:
    manifest = installation.back_up()
    restore(installation.file, there)
    assert files(there / "config") == files(installation.config)
    assert (there / "data" / "mail" / "one.eml").read_bytes() == b"Subject: Ferry\r\n\r\nIt ran aground.\r\n"
    restored, original = there / "data" / "archive.sqlite", installation.data / "archive.sqlite"
    assert contents(restored) == contents(original)
    assert (manifest.articles, manifest.schema_version) == (1, SCHEMA_VERSION)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (restored, there / "data", installation.file)}
    assert modes == {"archive.sqlite": 0o600, "data": 0o700, "backup.zip": 0o600}


def test_no_value_of_a_secret_gets_in_and_what_is_missing_is_said(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRESSWATCH_SMTP", f"{CANARY}-env")
    (tmp_path / "outside").write_text(f"{CANARY}-file\n")
    installation.write("es-key", f"{CANARY}-inside")
    installation.write(".env", f"KEY={CANARY}-dotenv")
    installation.write(
        "presswatch.yaml",
        "# password: canary-29d1f0-comment\n"
        "mail: {smtp: {host: mail.example, username: press, password: {env: PRESSWATCH_SMTP}}}\n"
        "search: {elasticsearch: {urls: ['https://es.example:9200'], api_key: {file: es-key}}}\n"
        f"crawl: {{proxy: 'http://proxy.example:80', proxy_username: p, proxy_password: {CANARY}-literal}}\n"
        f"# it was {CANARY}-env once\n",
    )
    installation.write(
        "sources/club.yaml",
        "name: Club\nstart: [https://club.example/]\n"
        f"cookies: {{sid: {{file: {tmp_path / 'outside'}}}}}\nheaders: {{X-Key: {CANARY}-header}}\n"
        f"basic_auth: {{username: me, password: '{CANARY}-quoted'}}\n# {CANARY}-file\n",
    )
    manifest = installation.back_up()
    with zipfile.ZipFile(installation.file) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert [name for name, content in held.items() if CANARY.encode() in content] == []
    assert b"password: {env: PRESSWATCH_SMTP}" in held["config/presswatch.yaml"]
    assert b"api_key: {file: es-key}" in held["config/presswatch.yaml"]
    told = "\n".join([*manifest.left_out, *manifest.secrets])
    for said in (
        "es-key: no file of the configuration",
        ".env: no file of the configuration",
        "config/presswatch.yaml: secrets that stood there, in 3 places",
        "the environment variable PRESSWATCH_SMTP, for mail.smtp.password in presswatch.yaml",
        f"the file {tmp_path / 'outside'}, for cookies.sid in sources/club.yaml",
    ):
        assert said in told


def test_a_configuration_that_is_wrong_is_backed_up_without_its_secrets(installation: Installation) -> None:
    installation.write("presswatch.yaml", f"mail:\n\tsmtp: [\n  password: {CANARY}\n")
    installation.back_up()
    with zipfile.ZipFile(installation.file) as archive:
        kept = archive.read("config/presswatch.yaml")
    assert b"smtp: [" in kept
    assert CANARY.encode() not in kept


def test_a_copy_is_one_moment_while_another_process_writes(installation: Installation) -> None:
    """A stepped copy without a transaction would begin anew at each commit, and never end."""
    path = installation.data / "archive.sqlite"
    with Archive.open(path) as archive:
        stock(archive, (f"Story {n}\n{'words ' * 300}" for n in range(2_000)), first=10)
    code = (
        "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\nn = 0\n"
        "while True:\n n += 1\n c.execute('BEGIN IMMEDIATE')\n"
        " c.execute(\"INSERT OR REPLACE INTO fact VALUES ('one', ?)\", (str(n),))\n"
        " c.execute(\"INSERT OR REPLACE INTO fact VALUES ('two', ?)\", (str(n),))\n c.execute('COMMIT')\n"
        " print(n, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    told: list[int] = []
    commits = [0]
    counter = threading.Thread(target=lambda: commits.extend(map(int, writer.stdout or ())))
    try:
        assert writer.stdout.readline()
        counter.start()

        def tell(done: int, _of: int) -> None:
            # At every step others have committed.
            seen, ends = commits[-1], time.monotonic() + PATIENCE
            while commits[-1] < seen + 2 and time.monotonic() < ends:
                time.sleep(0.001)
            told.append(done)

        copy = path.with_name("copy.sqlite")
        copying.copy(path, copy, tell)
    finally:
        writer.kill()
        writer.wait()
        counter.join()
        writer.stdout.close()
    assert len(told) > 1
    assert told == sorted(told), "the copy began anew"
    assert copying.faults(copy) == []
    with closing(sqlite3.connect(copy)) as connection:
        facts = dict(connection.execute("SELECT name, value FROM fact WHERE name IN ('one', 'two')"))
    assert facts["one"] == facts["two"]
    assert int(facts["one"]) < commits[-1]


def test_beside_a_daemon_that_crawls_nothing_is_lost_up_to_that_moment(
    press: Press, deployment: Deployment, tmp_path: Path
) -> None:
    deployment.configure([press.outlets["harbour"], press.outlets["meridian"]], every="1s")
    deployment.start()
    path, file = deployment.data / "archive.sqlite", tmp_path / "b.zip"

    def articles() -> int:
        with Archive.open_unchanged(path) as archive, archive.reading() as tx:
            return overview.articles(tx)

    deployment.wait_until("a step", (deployment.data / "daemon.json").exists)
    deployment.wait_until("the first article", articles)
    before = articles()
    done = deployment.run("backup", str(file), "--json")
    assert done.returncode == 0, done.stderr
    after = articles()
    assert deployment.daemon.poll() is None
    refused = deployment.run(
        "restore", str(file), "--data", str(deployment.data), "--config", str(tmp_path / "c")
    )
    assert refused.returncode == 5
    assert "is held by the daemon" in refused.stderr
    deployment.daemon.send_signal(signal.SIGTERM)
    deployment.daemon.wait(PATIENCE)
    there = tmp_path / "there"
    restored = deployment.run("restore", str(file), "--data", str(there / "data"))
    assert restored.returncode == 0, restored.stderr
    assert before <= json.loads(done.stdout)["articles"] <= after
    # All of it is what the archive still says: a moment of it, in whole transactions.
    mine, whole = contents(there / "data" / "archive.sqlite"), contents(path)
    assert {row[0] for row in mine["article"]} <= {row[0] for row in whole["article"]}
    assert set(mine["revision"]) <= set(whole["revision"])
    assert len(mine["article"]) == json.loads(done.stdout)["articles"]


# Runs a command again and again, killed at its first, second ... change on the disk: at every moment.
KILLED = """
import os, signal, sys
import presswatch.backup.made, presswatch.backup.placed
from presswatch.cli.main import main
for moment in range(1, 200):
    child = os.fork()
    if not child:
        left = moment
        def counted(frame, event, called):
            global left
            name, module = getattr(called, "__name__", ""), getattr(called, "__module__", "")
            on_disk = module == "posix" and name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir")
            if event == "c_call" and (on_disk or name == "backup"):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.setprofile(counted)
        try:
            main()
        except SystemExit as ended:
            os._exit(ended.code or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    if not sys.stdin.readline():
        break
"""


def until_it_ends(arguments: list[str], look: Callable[[], None]) -> int:
    """Look after each time that the command was killed, until it came to its end; how often it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    killed = 0
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 0:
                process.stdin.close()
                return killed
            assert int(line) == -signal.SIGKILL
            look()
            killed += 1
            process.stdin.write("\n")
            process.stdin.flush()
    raise AssertionError("it never came to its end")


def test_a_backup_that_is_killed_leaves_none_and_the_next_one_is_whole(
    installation: Installation, there: Path
) -> None:
    def look() -> None:
        if installation.file.exists():  # killed after it was put in place
            with opened(installation.file) as backup:
                for member in backup.manifest.files:
                    assert all(backup.pieces(member))
            installation.file.unlink()

    folders = ["--config", str(installation.config), "--data", str(installation.data)]
    assert until_it_ends([*folders, "backup", str(installation.file)], look) >= 4
    left = {path.name for path in installation.file.parent.iterdir()}
    assert left == {"config", "data", "backup.zip"}
    restore(installation.file, there)
    assert contents(there / "data" / "archive.sqlite") == contents(installation.data / "archive.sqlite")


def test_a_restore_takes_its_folders_as_others_do(installation: Installation, tmp_path: Path) -> None:
    config_, data = tmp_path / "new" / "config", tmp_path / "new" / "data"
    places = ["--config", str(config_), "--data", str(data)]
    installation.back_up()
    command = [sys.executable, "-m", "presswatch", *places, "restore", str(installation.file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert (config_ / "presswatch.yaml").exists()
    assert contents(data / "archive.sqlite") == contents(installation.data / "archive.sqlite")


def test_a_restore_that_is_killed_leaves_no_half_and_is_gone_on_with(
    installation: Installation, there: Path
) -> None:
    installation.back_up()
    whole = contents(installation.data / "archive.sqlite")
    data, config = there / "data", there / "config"

    def look() -> None:
        """What is in place is whole, and the configuration, without which nothing runs, is there last."""
        archive = data / "archive.sqlite"
        if (config / "presswatch.yaml").exists():
            assert archive.exists()
        if archive.exists():
            assert (data / "mail" / "one.eml").exists()
            assert contents(archive) == whole

    arguments = ["restore", str(installation.file), "--data", str(data), "--config", str(config)]
    assert until_it_ends(arguments, look) >= 8
    assert contents(data / "archive.sqlite") == whole
    assert files(config) == files(installation.config)
    assert [path.name for path in there.rglob("*.part")] == []


@pytest.mark.parametrize(
    "what", ["data/notes.txt", "data/archive.sqlite-wal", "config/presswatch.yaml", "data/sub/x"]
)
def test_nothing_that_is_there_is_overwritten(installation: Installation, there: Path, what: str) -> None:
    installation.back_up()
    (there / what).parent.mkdir(parents=True)
    (there / what).write_text("mine")
    with pytest.raises(UsageError, match="overwritten"):
        restore(installation.file, there)
    assert files(there) == {what: hashlib.sha256(b"mine").hexdigest()}


def test_an_empty_volume_is_empty_also_with_what_file_systems_put_there(
    installation: Installation, there: Path
) -> None:
    installation.back_up()
    (there / "data" / "lost+found").mkdir(parents=True)
    (there / "config").mkdir()
    restore(installation.file, there)
    assert (there / "data" / "archive.sqlite").exists()


def test_folders_within_each_other_and_a_running_daemon_are_refused(
    installation: Installation, there: Path
) -> None:
    installation.back_up()
    with pytest.raises(UsageError, match="neither is in the other"):
        place(installation.file, there, there / "data", quiet)
    with daemon_lock(there / "data"), pytest.raises(BusyError, match="held by the daemon"):
        restore(installation.file, there)
    assert files(there) == {}


def test_a_name_that_is_taken_stays_as_it_is(installation: Installation) -> None:
    installation.file.write_text("yesterday's")
    with pytest.raises(UsageError, match="there already"):
        installation.back_up()
    assert installation.file.read_text() == "yesterday's"


def test_a_damaged_archive_makes_no_backup(installation: Installation) -> None:
    path = installation.data / "archive.sqlite"
    with path.open("r+b") as file:
        file.seek(4096 * 60)
        file.write(b"\xff" * 4096 * 40)
    with pytest.raises(DamagedError, match="no backup was written"):
        installation.back_up()
    assert not installation.file.exists()


@pytest.mark.parametrize("version", ["0001", "0020", "0034"])
def test_a_backup_of_an_older_archive_is_brought_up_when_it_is_opened(
    installation: Installation, there: Path, version: str
) -> None:
    path = installation.data / "archive.sqlite"
    path.unlink()
    engine = database._engine(path)
    migration.migrate(engine, path, version)
    engine.dispose()
    assert installation.back_up().schema_version == version
    assert copying.about(path).schema == version, "a backup changes no table"
    restore(installation.file, there)
    with Archive.open(there / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        assert schema_version.of(tx) == SCHEMA_VERSION


def repacked(
    file: Path,
    change: Callable[[dict[str, bytes]], None],
    said: Callable[[dict[str, object]], None] | None = None,
) -> None:
    """Change what a backup holds, and let its manifest say the truth about it."""
    with zipfile.ZipFile(file) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(held.pop(MANIFEST))
    change(held)
    manifest["files"] = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in held.items()
    ]
    if said:
        said(manifest)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, json.dumps(manifest))


HOSTILE_NAMES = [
    "../evil.yaml", "/etc/evil.yaml", "config/../../evil.yaml", "config/sources/../../../evil.yaml",
    "config\\..\\evil.yaml", "C:/evil.yaml", "mail/../../evil.eml", "mail/sub/evil.eml", "config/evil.sh",
    "mail/.evil.part.eml", "config/sources/.hidden.yaml", "archive.sqlite-wal", "config/sources/",
    "mail/\x1b[5m.eml", "index.sqlite", "data/archive.sqlite", "config/sources/\u202eevil.yaml",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_that_leads_elsewhere_is_refused(installation: Installation, there: Path, name: str) -> None:
    installation.back_up()
    repacked(installation.file, lambda held: held.update({name: b"evil"}))
    with pytest.raises(DamagedError, match="backup"):
        restore(installation.file, there)
    assert not list(there.parent.rglob("*evil*"))
    assert not there.exists() or files(there) == {}


def with_entry(file: Path, info: zipfile.ZipInfo, content: bytes) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(info, content)


def link(file: Path) -> None:
    info = zipfile.ZipInfo("config/sources/link.yaml")
    info.external_attr = 0o120777 << 16
    with_entry(file, info, b"/etc/passwd")


def twice(file: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        with_entry(file, zipfile.ZipInfo("config/presswatch.yaml"), b"contact: evil@example.org")


def unlisted(file: Path) -> None:
    with_entry(file, zipfile.ZipInfo("config/sources/more.yaml"), b"name: More")


def packed_otherwise(file: Path) -> None:
    info = zipfile.ZipInfo("config/sources/more.yaml")
    info.compress_type = zipfile.ZIP_LZMA
    with_entry(file, info, b"name: More")


def bomb(file: Path) -> None:
    """A file of which the manifest says that it is small."""

    def small(manifest: dict[str, object]) -> None:
        listed = manifest["files"]
        assert isinstance(listed, list)
        listed[-1]["size"] = 10

    repacked(file, lambda held: held.update({"mail/bomb.eml": b"\0" * (50 << 20)}), small)


def no_archive(file: Path) -> None:
    def without(held: dict[str, bytes]) -> None:
        del held["archive.sqlite"]

    repacked(file, without)


def another_database(file: Path) -> None:
    repacked(file, lambda held: held.update({"archive.sqlite": b"SQLite format 3\0" + b"\xff" * 8192}))


def not_json(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, b"[" * 100_000 if name == MANIFEST else content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def another_file(file: Path) -> None:
    file.write_bytes(b"%PDF-1.7 " * 1000)


def another_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")


HOSTILE = [
    link, twice, unlisted, packed_otherwise, bomb, no_archive, another_database, not_json, empty,
    another_file, another_zip,
]  # fmt: skip


@pytest.mark.parametrize("spoil", HOSTILE)
def test_a_file_that_is_no_whole_backup_is_refused_and_nothing_is_written(
    installation: Installation, there: Path, spoil: Callable[[Path], None]
) -> None:
    installation.back_up()
    spoil(installation.file)
    with pytest.raises(DamagedError) as raised:
        restore(installation.file, there)
    assert str(installation.file) in str(raised.value)
    assert not there.exists() or list(there.iterdir()) == []


def test_a_backup_that_was_cut_off_is_refused_wherever_it_was(
    installation: Installation, there: Path
) -> None:
    installation.back_up()
    whole = installation.file.read_bytes()
    for length in (1, 100, len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        installation.file.write_bytes(whole[:length])
        with pytest.raises(DamagedError):
            restore(installation.file, there)
    assert not there.exists() or list(there.iterdir()) == []


def test_a_byte_that_changed_is_found_or_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    installation.back_up()
    whole, draw = installation.file.read_bytes(), random.Random(20261120)
    there = tmp_path / "0"
    restore(installation.file, there)
    right, refused = files(there), 0
    for number in range(1, 121):
        spoilt = bytearray(whole)
        # The directory at the end and the headers are small: each is met, too.
        at = draw.choice(
            [draw.randrange(len(whole)), len(whole) - draw.randrange(1, 900), draw.randrange(60)]
        )
        spoilt[at] ^= 1 << draw.randrange(8)
        installation.file.write_bytes(spoilt)
        there = tmp_path / str(number)
        try:
            restore(installation.file, there)
        except PresswatchError:
            refused += 1
            assert not there.exists() or list(there.iterdir()) == []
        else:
            assert files(there) == right
    assert refused > 60


def newer_tables(file: Path) -> None:
    repacked(file, lambda held: None, lambda manifest: manifest.update(schema_version="9999"))


def newer_form(file: Path) -> None:
    repacked(file, lambda held: None, lambda manifest: manifest.update(form=2, files="elsewhere"))


@pytest.mark.parametrize("spoil", [newer_tables, newer_form])
def test_a_backup_of_a_newer_presswatch_says_what_to_do(
    installation: Installation, there: Path, spoil: Callable[[Path], None]
) -> None:
    installation.back_up()
    spoil(installation.file)
    with pytest.raises(PresswatchError, match=r"newer presswatch.*(install|restore it with) that version"):
        restore(installation.file, there)
    assert not there.exists()


def test_the_commands_say_what_was_done_and_what_is_next(installation: Installation, tmp_path: Path) -> None:
    deployment = Deployment(installation.file.parent)
    done = deployment.run("backup", str(installation.file))
    assert done.returncode == 0, done.stderr
    assert "1 article and" in done.stdout or "1 article," in done.stdout
    assert "read back and compared" in done.stdout
    restored = deployment.run("restore", str(installation.file), "--data", str(tmp_path / "new" / "data"))
    assert restored.returncode == 0, restored.stderr
    [following] = [line for line in restored.stdout.splitlines() if line.endswith(" reindex")]
    again = Deployment(tmp_path / "new")
    assert again.run("reindex").returncode == 0
    assert "ran aground in the storm" in again.run("search", "ferry").stdout
    assert f"--data {tmp_path / 'new' / 'data'}" in following
    assert yaml.safe_load((tmp_path / "new" / "config" / "presswatch.yaml").read_text())
