"""Real engines serve made-up articles, and presswatch finds and reads them: `make bench-engines`.

Each engine makes a site of the same articles (`engine_stories`), which is served on loopback, found out from
its bare home page by `presswatch sources add` and crawled. Engines of PyPI and npm are installed into folders
of their own, outside the repository; others are used where the machine has them. Printed are what was read
wrong, a table, and everything as one line of JSON.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.engine_sites import APT, ENGINES, Engine, missing, serving
from bench.engine_stories import SITE, ZONE, Story, stories
from bench.installation import configure
from presswatch.archive import Archive, articles
from presswatch.model import Article, Precision

FIELDS = ("found", "title", "text", "day", "minute", "authors", "section", "tags")
Row = dict[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="engines to try, separated by commas (all)")
    parser.add_argument(
        "--keep", type=Path, help="a new folder for sites and archives, to look at afterwards"
    )
    parser.add_argument("--apt", action="store_true", help="have apt-get install what is missing first")
    given = parser.parse_args()
    wanted = [engine for engine in ENGINES if not given.only or engine.name in given.only.split(",")]
    if given.apt:
        packages = [
            name for engine in dict.fromkeys(one.name for one in wanted) for name in APT.get(engine, ())
        ]
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *packages], check=True)
    left_out = {name: why for name in dict.fromkeys(one.name for one in wanted) if (why := missing(name))}
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for engine in wanted:
            if engine.name not in left_out:
                folder = (given.keep or Path(scratch)) / engine.title.replace(" ", "-")
                folder.mkdir(parents=True)
                rows[engine.title] = _measure(engine, folder)
    _print(rows)
    for name, why in left_out.items():
        print(f"left out: {name}, {why}")
    print(json.dumps({"engines": rows, "left_out": left_out}))


def _measure(engine: Engine, folder: Path) -> Row:
    told = stories(datetime.now(UTC))
    config = folder / "config"
    configure(config, {}, delay="0s", every="1h")
    site = folder / "site"
    site.mkdir()
    with serving(engine, site, told, _free_port()) as url:
        _presswatch(folder, "sources", "add", url, "--id", "site")
        _presswatch(folder, "crawl", "site")
    row: Row = Counter(dict.fromkeys((*FIELDS, "stories", "others"), 0))
    row["stories"] = len(told)
    with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        records = articles.since(tx, 0, 1_000)
    shown: set[str] = set()
    for record in records:
        story = next((one for one in told if one.paragraphs[-1] in record.article.text), None)
        if story is None or one_of_several(record.article, told):
            row["others"] += 1
            print(f"{engine.title}: {record.url} is no article: {record.article.title!r}")
            continue
        row["found"] += 1
        for field, said, meant in _compared(record.article, story, engine.most_authors):
            if said == meant:
                row[field] += 1
            elif field not in shown:
                shown.add(field)
                print(f"{engine.title}: {field} of {record.url}: {said} instead of {meant}, for example")
    return dict(row)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_of_several(article: Article, told: Sequence[Story]) -> bool:
    """Whether a page with several articles, such as a list of them, was taken for one."""
    return sum(story.paragraphs[0] in article.text for story in told) > 1


def _presswatch(folder: Path, *command: str) -> None:
    whole = [sys.executable, "-m", "presswatch", "--config", str(folder / "config"), *command]
    with (folder / "presswatch.log").open("ab") as log:
        if subprocess.run(whole, check=False, stdout=log, stderr=log).returncode:
            print(f"presswatch {' '.join(command)} failed: see {folder / 'presswatch.log'}")


def _compared(article: Article, story: Story, most_authors: int) -> Iterator[tuple[str, object, object]]:
    """Each field with what was read and what was meant."""
    yield "title", article.title, story.title
    yield "text", article.text.split("\n"), list(story.paragraphs)
    moment = article.published
    read = moment and moment.instant.astimezone(ZoneInfo(ZONE))
    yield "day", read and read.date(), story.published.date()
    exact = read and moment and moment.precision is not Precision.DAY
    yield "minute", read.replace(second=0) if read and exact else None, story.published
    yield "authors", sorted(article.authors), sorted(story.names[:most_authors] or (SITE,))
    yield "section", article.section.lower(), story.section.lower()
    yield "tags", sorted(tag.lower() for tag in article.tags), sorted(story.tags)


def _print(rows: dict[str, Row]) -> None:
    print(f"\n{'':<30}" + "".join(f"{name:>9}" for name in (*FIELDS, "others")))
    for title, row in rows.items():
        counts = [f"{row[field]}/{row['stories']}" for field in FIELDS] + [str(row["others"])]
        print(f"{title:<30}" + "".join(f"{count:>9}" for count in counts))


if __name__ == "__main__":
    main()
