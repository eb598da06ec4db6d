"""docs/library.md: its examples run as they stand there, and `presswatch.api` says what is wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from presswatch import api
from presswatch.archive import articles
from presswatch.errors import QueryError, UsageError
from support.deployment import Deployment

DOCS = Path(__file__).resolve().parents[2] / "docs" / "library.md"
EXAMPLES = dict(re.findall(r"^## (.+?)\n.*?```python\n(.+?)```", DOCS.read_text(), re.M | re.S))
FEED = b"""<rss version="2.0"><channel><title>Harbour</title>
<item><title>The ferry is back</title><link>https://harbour.example/news/7.html</link></item>
</channel></rss>"""
# What each example prints over the harbour's ten articles.
SAID = {
    "Read a page": "Aurora",
    "Look at a start page": "feed https://harbour.example/news/7.html The ferry is back",
    "Iterate over the archive": "Aurora",
    "Parse and match a query": "Aurora",
    "Search": r"[1-9]\d* articles\n20\d\d-",
}


@pytest.fixture(scope="module")
def folder(crawled: Deployment) -> Path:
    """The folder that the examples are run in: an installation, a saved page, a saved feed."""
    with crawled.archive() as archive, archive.reading() as tx:
        found = [record for record in articles.since(tx, 0, 100) if "Aurora" in record.article.title]
        page, _hints = articles.raw_page(tx, found[0].id, found[0].revision)
    (crawled.folder / "page.html").write_bytes(page.body)
    (crawled.folder / "feed.xml").write_bytes(FEED)
    return crawled.folder


def test_each_example_has_an_expectation() -> None:
    assert EXAMPLES.keys() == SAID.keys()


def test_each_function_is_shown() -> None:
    text = "".join(EXAMPLES.values())
    assert [name for name in api.__all__ if not re.search(rf"\b{name}\(", text)] == []


@pytest.mark.parametrize("title", SAID)
def test_an_example_runs_in_ten_lines(title: str, folder: Path) -> None:
    code = EXAMPLES[title]
    body = [line for line in code.splitlines() if line and not line.startswith(("from ", "import "))]
    assert len(body) <= 10
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(SAID[title], done.stdout), done.stdout


def test_a_scan_goes_on_behind_the_last_seq(folder: Path) -> None:
    with api.open_archive(folder / "data") as archive:
        first, *others = api.records(archive)
        assert list(api.records(archive, after=first.seq)) == others
        assert list(api.records(archive, after=others[-1].seq)) == []


def test_a_folder_without_an_archive_is_told_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no archive"), api.open_archive(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_none_is_told() -> None:
    for read in (api.read_page, api.read_start_page):
        with pytest.raises(UsageError, match="'harbour' is no http"):
            read(b"<p>text</p>", "harbour")


def test_a_wrong_query_tells_where_it_stumbles() -> None:
    with pytest.raises(QueryError) as error:
        api.parse_query("ferry AND (harbour")
    assert error.value.position == 10


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = [
        "crawler",
        "scheduler",
        "scrapy",
        "lxml",
        "sqlalchemy",
        "trafilatura",
        "pydantic",
        "elasticsearch",
    ]
    code = f"import sys, presswatch.api; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
