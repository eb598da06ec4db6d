"""The image and what it is composed with: their form, and the steps of the Dockerfile done in a folder.

No engine is needed. What a step would download is here already, in the environment of the tests.
"""

import importlib.metadata
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from presswatch import config
from presswatch.web.routes import PAGES
from support import PATIENCE, dockerfile
from support.dockerfile import Built, Instruction
from support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
VERSION = importlib.metadata.version("presswatch")
# A tag that stays what it is: a whole version.
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*")


def stages() -> list[list[Instruction]]:
    return dockerfile.read(DOCKERFILE)


def every(name: str) -> list[str]:
    return [one.value for stage in stages() for one in stage if one.name == name]


def last(name: str) -> list[str]:
    return [one.value for one in stages()[-1] if one.name == name]


def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


# The rules of hadolint that concern what is there; each test names those that it stands for.


def test_base_images_are_pinned() -> None:
    """DL3006, DL3007, DL3026, DL3029."""
    images = [value.split()[0] for value in every("FROM")]
    assert all(PINNED.fullmatch(image) for image in images), images
    assert len(set(images)) == 1, "what the first stage builds has to run in the last one"
    assert not any("--platform" in value for value in every("FROM"))


def test_nothing_runs_as_root_or_becomes_it() -> None:
    """DL3002, DL3004."""
    [user] = last("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, which Kubernetes can tell from root's"
    assert not any(re.search(r"\bsudo\b|\bsu\b", value) for value in every("RUN"))


def test_files_are_copied_and_what_they_are_is_named() -> None:
    """DL3010, DL3020, DL3021, DL3022, DL3045, and no wildcard that would let secrets into a layer."""
    assert every("ADD") == []
    known = {value.split(" AS ")[1] for value in every("FROM") if " AS " in value}
    for value in every("COPY"):
        *sources, target = (word for word in value.split() if not word.startswith("--"))
        assert len(sources) == 1 or target.endswith("/")
        assert not {".", "./", "*"} & set(sources)
        assert set(re.findall(r"--from=(\w+)", value)) <= known
    assert all(value.startswith("/") for value in every("WORKDIR")), "DL3000"


def test_steps_leave_nothing_behind_and_take_nothing_unpinned() -> None:
    """DL3003, DL3008, DL3009, DL3013, DL3014, DL3015, DL3042, DL4001, DL4005, DL4006."""
    for value in every("RUN"):
        assert not re.search(r"(^|&& *|; *)(cd|apt|apt-get|curl|wget|ln -sf? /bin/sh)\b", value), value
        assert "|" not in value, "a pipe hides the failure of its first part"
        for command in re.split(r"&&|;", value):
            if re.search(r"\bpip\b.*\b(install|download|wheel)\b", command):
                assert "--no-cache-dir" in command
                assert "--require-hashes" in command or "--no-index" in command


def test_the_container_says_how_it_is_started_asked_and_stopped() -> None:
    """DL3011, DL3012, DL3025, DL3043, DL3044, DL3057, DL4000, DL4003, DL4004."""
    assert last("CMD") == ['["run"]']
    assert last("ENTRYPOINT") == ['["presswatch"]']
    assert last("EXPOSE") == ["8484"]
    assert last("STOPSIGNAL") == ["SIGTERM"]
    [health] = last("HEALTHCHECK")
    assert "/health/live" in health
    assert every("MAINTAINER") == every("ONBUILD") == []
    [volumes] = last("VOLUME")
    assert volumes == '["/etc/presswatch", "/var/lib/presswatch"]'


def test_what_is_labelled_is_so() -> None:
    """DL3048 to DL3056."""
    labels = dict(re.findall(r'([\w.]+)="([^"]*)"', " ".join(last("LABEL"))))
    assert labels.pop("org.opencontainers.image.version") == VERSION
    assert labels.pop("org.opencontainers.image.licenses") == "Apache-2.0"
    assert labels.keys() == {"org.opencontainers.image.title", "org.opencontainers.image.description"}
    assert composed()["services"]["presswatch"]["image"] == f"presswatch:{VERSION}"


def test_the_image_is_made_of_nothing_but_what_it_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {word for value in every("COPY") if "--from=" not in value for word in value.split()[:-1]}
    assert allowed == copied


def test_every_service_is_bounded_pinned_and_asked() -> None:
    services = composed()["services"]
    for name, service in services.items():
        assert PINNED.fullmatch(service["image"]), name
        assert service["mem_limit"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or name == "presswatch", name
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), f"{name}: {port} is published beyond this machine"
    waits = services["presswatch"]["depends_on"]
    assert {one: how["condition"] for one, how in waits.items()} == dict.fromkeys(
        services.keys() - {"presswatch"}, "service_healthy"
    )


def test_presswatch_runs_with_its_files_read_only() -> None:
    service = composed()["services"]["presswatch"]
    assert service["read_only"]
    assert service["init"]
    assert [one.partition(":")[0] for one in service["tmpfs"]] == ["/tmp"]
    targets = {volume.partition(":")[2] for volume in service["volumes"]}
    [volumes] = last("VOLUME")
    assert targets == set(re.findall(r'"(.+?)"', volumes))
    assert all(volume.partition(":")[0] in composed()["volumes"] for volume in service["volumes"])


def test_the_index_is_reached_by_nobody_but_presswatch() -> None:
    services, networks = composed()["services"], composed()["networks"]
    inside = [name for name, network in networks.items() if network and network.get("internal")]
    assert services["elasticsearch"]["networks"] == inside
    assert [name for name, one in services.items() if set(inside) & set(one.get("networks", ()))] == [
        "presswatch",
        "elasticsearch",
    ]
    assert services["elasticsearch"]["environment"]["xpack.security.enabled"] == "false"


def test_no_secret_stands_in_a_file_of_the_project() -> None:
    for secret in composed()["secrets"].values():
        assert set(secret) == {"file"}
        assert secret["file"].startswith("./secrets/")
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for service in composed()["services"].values():
        assert not any(re.search("PASSWORD|SECRET|TOKEN", name) for name in service.get("environment", ()))


def test_the_composed_configuration_is_right() -> None:
    [given] = composed()["configs"].values()
    settings = config.load((ROOT / given["file"]).parent)
    assert settings.search.elasticsearch is not None
    assert settings.search.elasticsearch.urls == ("http://elasticsearch:9200/",)
    assert settings.mail.smtp is not None
    assert settings.mail.smtp.host in composed()["services"]
    assert settings.web.listen == "0.0.0.0:8484"


def test_compose_understands_it(tmp_path: Path) -> None:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("docker has no compose here")
    subprocess.run(["docker", "compose", "config", "--quiet"], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def image() -> Iterator[Built]:
    """What the Dockerfile's steps leave, done in a folder that everybody may look into."""
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            # What is in the lock is installed here: nothing of it is asked for again, nor built apart.
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        built = dockerfile.build(DOCKERFILE, place / "root", ROOT, environment)
        [site] = (built.root / "opt/presswatch/lib").glob("python*/site-packages")
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        yield built


class Container:
    """A container of an image, as far as a process can be one: its user, its environment, its port."""

    def __init__(self, image: Built) -> None:
        self.image = image
        self.log = image.root.with_name("log")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        # Somebody else may listen at the port that a container has for itself.
        self.as_user: dict[str, Any] = {}
        if os.geteuid() == 0 and is_open_to_all(ROOT) and is_open_to_all(Path(sys.base_prefix)):
            user, group = map(int, image.user.split(":"))
            self.as_user = {"user": user, "group": group, "extra_groups": []}
        temporary = image.root.with_name("tmp")
        temporary.mkdir()
        temporary.chmod(0o1777)
        home = image.inside("/var/lib/presswatch")
        self.environment = {**image.environment, "HOME": home, "TMPDIR": str(temporary)}

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self._program(), *arguments], stdin=subprocess.DEVNULL, stderr=log, **self._how()
            )

    def run(self, *arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*self._program(), *arguments],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            **self._how(),
        )

    def is_healthy(self) -> bool:
        program, *arguments = (word.replace("8484", self.port) for word in self.image.health)
        found = shutil.which(program, path=self.environment["PATH"])
        assert found
        return (
            subprocess.run([found, *arguments], capture_output=True, check=False, **self._how()).returncode
            == 0
        )

    def _program(self) -> list[str]:
        name, *arguments = self.image.entrypoint
        found = shutil.which(name, path=self.environment["PATH"])
        assert found
        return [found, *arguments]

    def _how(self) -> dict[str, Any]:
        return {"cwd": self.image.workdir, "env": self.environment, **self.as_user}


def is_open_to_all(folder: Path) -> bool:
    """Whether another user can read what is in a folder."""
    is_readable = folder.stat().st_mode & 0o004
    return bool(is_readable and all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents)))


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_a_container_of_the_image_works_and_serves_nobody_without_an_account(image: Built) -> None:
    assert "/health/live" in {page.path for page in PAGES}, "the health check asks for it"
    container = Container(image)
    code = files(image.root / "opt")

    written = container.run("init")
    assert written.returncode == 0, written.stderr
    settings = Path(image.inside("/etc/presswatch/presswatch.yaml"))
    assert f"{settings}\n" in written.stdout
    assert "listen: 0.0.0.0:8484" in settings.read_text()
    settings.write_text(settings.read_text().replace("0.0.0.0:8484", f"0.0.0.0:{container.port}"))

    daemon = container.start("run")

    def log() -> str:
        return container.log.read_text()

    try:
        wait_until(lambda: "there are no accounts" in log(), log)
        assert not container.is_healthy()
        added = container.run(
            "accounts", "add", "jane", "--role", "operator", said="a long pass phrase\n" * 2
        )
        assert added.returncode == 0, added.stderr
        wait_until(container.is_healthy, log)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0, log()
    finally:
        daemon.kill()
        daemon.wait()
    assert files(image.root / "opt") == code, "the code is read only"
    assert "Traceback" not in log()


def test_the_wheel_of_the_image_brings_its_data(image: Built) -> None:
    [site] = (image.root / "opt/presswatch/lib").glob("python*/site-packages")
    assert (site / "presswatch/locale/de/LC_MESSAGES/presswatch.po").is_file()
    assert not (image.root / "src").exists(), "only the last stage is left"
    assert not (site / "pip").exists()
