"""Extraction beside its peers on a folder of labelled pages: `make bench-extraction CORPUS=DIR`.

DIR holds `truth.json` (a list of pages with their labels: page, url, title, authors, published, body, and
where labelled related and related_ignore) and `pages/` with one gzipped page each. Printed are the pages
where we do worst, then all readers in one table measured in one run, then everything as one line of JSON.
newspaper4k is installed into an environment of its own, as its packages would get in the way of ours.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag

from crawler.extract import read_article
from presswatch.model import Article, Hints, Moment, Page, Precision

Reading = dict[str, Any]
Reader = Callable[[bytes, str], Reading]
Row = dict[str, float | None]

_NEWSPAPER = ("newspaper4k==0.9.6", "lxml-html-clean")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def adapter(html: bytes, url: str) -> Reading:
    """One page read by presswatch: title, authors, published (ISO 8601), text, related (addresses)."""
    article = read_article(Page(url, url, 200, datetime.now(UTC), html, "text/html"), Hints())
    if not isinstance(article, Article):
        return {}
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": _iso(article.published),
        "text": article.text,
        "related": [link.url for link in article.related],
    }


def trafilatura(html: bytes, url: str) -> Reading:
    """The same page read by trafilatura alone, with its metadata."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    document = bare_extraction(html, url=url, with_metadata=True)
    if not isinstance(document, Document):
        return {}
    authors = [name for name in (document.author or "").split("; ") if name]
    return {"title": document.title, "authors": authors, "published": document.date, "text": document.text}


def _iso(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    local = moment.instant.astimezone(timezone(timedelta(minutes=moment.offset or 0)))
    if moment.precision is Precision.DAY:
        return local.date().isoformat()
    return (local.replace(tzinfo=None) if moment.assumed_zone else local).isoformat()


def plain(text: str | None) -> str:
    """Text as it is compared: compatibility forms, case, quotes and white space made one."""
    text = unicodedata.normalize("NFKC", text or "").casefold()
    text = re.sub(r"[‘’‚‛′`´]", "'", re.sub(r"[“”„«»]", '"', text))
    return " ".join(text.split())


def shingles(text: str | None) -> Counter[tuple[str, ...]]:
    """Runs of four tokens; one token a character in scripts without spaces."""
    tokens: list[str] = []
    for word in re.findall(r"\w+", plain(text)):
        tokens.extend(word if _CJK.search(word) else [word])
    return Counter(tuple(tokens[n : n + 4]) for n in range(max(1, len(tokens) - 3))) if tokens else Counter()


def f1(right: float, wanted: float, got: float) -> float:
    return 2 * right / (wanted + got) if right else 0.0


def same_address(url: str) -> str:
    return quote(unquote(urldefrag(url)[0]), safe=":/?&=")


def score(label: Reading, got: Reading, seconds: float) -> Row:
    """One page's figures: 1 is perfect, None where the label does not say."""
    wanted, have = shingles("\n".join(label["body"])), shingles(got.get("text"))
    authors, named = {plain(a) for a in label["authors"]}, {plain(a) for a in got.get("authors") or []}
    day, minute = _times(label["published"], got.get("published"))
    row: Row = {
        "body": f1((wanted & have).total(), wanted.total(), have.total()),
        "title": float(plain(label["title"]) == plain(got.get("title"))),
        "authors": f1(len(authors & named), len(authors), len(named)) if authors else None,
        "day": day,
        "minute": minute,
        "ms": seconds * 1000,
    }
    if "related" in label:
        found = {same_address(url) for url in got.get("related") or []}
        found -= {same_address(url) for url in label["related_ignore"]}
        entries = [{same_address(url) for url in urls} for urls in label["related"]]
        right = sum(bool(entry & found) for entry in entries)
        row |= {"hit": right, "missed": len(entries) - right, "extra": len(found - set().union(*entries))}
    return row


def _times(label: str, got: str | None) -> tuple[float, float | None]:
    wanted, found = _moment(label), _moment(got or "")
    if wanted is None or found is None:
        return 0.0, 0.0 if wanted and wanted.tzinfo else None
    day = wanted.date() == found.date()
    if wanted.tzinfo is None:
        return float(day), None
    if found.tzinfo is None:
        return float(day), 0.0
    same = wanted.astimezone(UTC).date() == found.astimezone(UTC).date()
    return float(day or same), float(abs((wanted - found).total_seconds()) < 61)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None


def summary(rows: Iterable[Row]) -> dict[str, float]:
    rows = list(rows)
    means = {}
    for name in ("body", "title", "authors", "day", "minute", "ms"):
        values = [value for row in rows if (value := row[name]) is not None]
        means[name] = sum(values) / len(values) if values else 0.0
    hit, missed, extra = (sum(row.get(name) or 0 for row in rows) for name in ("hit", "missed", "extra"))
    return means | {"related P": hit / max(1, hit + extra), "related R": hit / max(1, hit + missed)}


def measure(reader: Reader, corpus: Path) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for label in json.loads((corpus / "truth.json").read_text()):
        page = gzip.decompress((corpus / "pages" / label["page"]).read_bytes())
        begun = time.perf_counter()
        got = reader(page, label["url"])
        rows[label["page"]] = score(label, got, time.perf_counter() - begun)
    return rows


def newspaper(corpus: Path) -> dict[str, Row]:
    """The same of newspaper4k. Its environment is made once, in `.bench`."""
    home = Path(".bench") / "newspaper"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *_NEWSPAPER], check=True)
    labels = json.loads((corpus / "truth.json").read_text())
    asked = [json.dumps({"page": str(corpus / "pages" / one["page"]), "url": one["url"]}) for one in labels]
    # It would fetch a list of domains; nothing here asks the network.
    environment = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [python, Path(__file__).with_name("newspaper_peer.py")],
        input="\n".join(asked), capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        label["page"]: score(label, got, got["seconds"]) for label, got in zip(labels, answers, strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure extraction on labelled pages.")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PRESSWATCH_CORPUS"))
    parser.add_argument("--worst", type=int, default=10)
    arguments = parser.parse_args()
    if arguments.corpus is None:
        parser.error(
            "say where the labelled pages are: --corpus DIR, or PRESSWATCH_CORPUS in the environment"
        )
    measured = {reader.__name__: measure(reader, arguments.corpus) for reader in (trafilatura, adapter)}
    measured["newspaper4k"] = newspaper(arguments.corpus)
    ours = measured["adapter"]
    print("Where the body is read worst:")
    for page in sorted(ours, key=lambda name: ours[name]["body"] or 0)[: arguments.worst]:
        print(f"  {ours[page]['body']:.3f} ({measured['trafilatura'][page]['body']:.3f})  {page}")
    for field in ("title", "authors", "day", "minute"):
        wrong = [page for page in ours if (value := ours[page][field]) is not None and value < 1]
        print(f"{field} not as labelled ({len(wrong)}): {', '.join(wrong)}")
    tables = {name: summary(rows.values()) for name, rows in measured.items()}
    print(f"{'':12}" + "".join(f"{column:>11}" for column in tables["adapter"]))
    for name, table in tables.items():
        print(
            f"{'presswatch' if name == 'adapter' else name:12}"
            + "".join(f"{v:11.3f}" for v in table.values())
        )
    ratio = tables["adapter"]["ms"] / tables["trafilatura"]["ms"]
    print(json.dumps({"pages": len(ours), "time_ratio": round(ratio, 3), **tables}))


if __name__ == "__main__":
    main()
