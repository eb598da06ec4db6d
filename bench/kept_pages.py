"""Labelled pages kept in an archive, to see what a change of the reader alters in them.

    PYTHONPATH=tests python -m bench.kept_pages --corpus DIR --into FOLDER      with the reader as it was
    presswatch --config FOLDER/config --data FOLDER/data reextract --dry-run      with the reader as it is

DIR is a folder of labelled pages as `bench.extraction` reads it. Each publisher (host) is a source.
"""

import argparse
import gzip
import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.extract import EXTRACTOR, read_article
from presswatch import urls
from presswatch.archive import Archive
from presswatch.archive.frontier import Follow
from presswatch.model import Article, Page
from support.newsroom import HINTS, Newsroom


def keep(corpus: Path, archive: Archive) -> tuple[int, int]:
    """Keep every page that is an article; how many there are, and how many became an article of their own."""
    labels = json.loads((corpus / "truth.json").read_text())
    by_host = defaultdict[str, dict[str, Any]](dict)
    for label in labels:
        address = urls.normalize(label["url"])
        if address is not None:
            by_host[urls.host(address)][address] = label.get("page") or label["file"]
    pages = kept = 0
    newsroom = Newsroom(archive, datetime.now(UTC), Follow(related_depth=0, cross_site=False, revisit=()))
    for host, files in by_host.items():
        run = newsroom.start_run(host.partition(":")[0].replace(".", "-"), f"https://{host}")
        newsroom.list_links(run, f"https://{host}/", *files)
        while claims := newsroom.claim(run, 50):
            for claim in claims:
                body = gzip.decompress((corpus / "pages" / files[claim.url]).read_bytes())
                page = Page(claim.url, claim.url, 200, newsroom.now, body, "text/html")
                read = read_article(page, HINTS)
                if isinstance(read, Article):
                    pages += 1
                    kept += newsroom.keep(claim, read, EXTRACTOR, body).outcome == "new"
        newsroom.finish_run(run)
    return pages, kept


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    arguments = parser.parse_args()
    config = arguments.into / "config"
    config.mkdir(parents=True)
    (config / "presswatch.yaml").write_text("contact: bench@presswatch.invalid\n")
    with Archive.open(arguments.into / "data" / "archive.sqlite") as archive:
        pages, kept = keep(arguments.corpus, archive)
    print(f"{pages} pages are articles, {kept} of them kept as their own")


if __name__ == "__main__":
    main()
