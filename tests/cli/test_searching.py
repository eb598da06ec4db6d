"""Searching, exporting and keeping searches, as somebody types it."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from support.deployment import Deployment


def total(deployment: Deployment, *query: str) -> int:
    return int(json.loads(deployment.run("search", *query, "--json").stdout)["total"])


def test_facets_and_a_timeline_are_shown_and_given_as_json(crawled: Deployment) -> None:
    said = crawled.run("search", "*", "--facets", "--timeline", "--limit", "1").stdout
    assert "█" in said
    assert "The Harbour Gazette 10" in said
    found = json.loads(crawled.run("search", "*", "--facets", "--timeline", "--json").stdout)
    assert found["facets"]["source"] == [{"value": "harbour", "articles": 10}]
    assert sum(bar["articles"] for bar in found["timeline"]["bars"]) == 10


def test_an_answer_in_csv_has_a_row_an_article(crawled: Deployment) -> None:
    rows = list(csv.DictReader(io.StringIO(crawled.run("search", "*", "--csv", "--limit", "4").stdout)))
    assert len(rows) == 4
    assert all(row["source"] == "harbour" and row["url"].startswith("http://") for row in rows)


@pytest.mark.parametrize("to_file", [True, False])
def test_every_article_is_exported_in_every_form(crawled: Deployment, tmp_path: Path, to_file: bool) -> None:
    def exported(form: str) -> str:
        path = tmp_path / f"articles.{form}"
        done = crawled.run("export", "*", "--format", form, *(["-o", str(path)] if to_file else []))
        assert done.returncode == 0, done.stderr
        return path.read_text() if to_file else done.stdout

    ids = [json.loads(line)["id"] for line in exported("jsonl").splitlines()]
    assert len(set(ids)) == 10
    rows = list(csv.DictReader(io.StringIO(exported("csv"))))
    assert [row["id"] for row in rows] == ids
    assert all(len(row["text"]) > 100 for row in rows)
    feed = ET.fromstring(exported("rss"))
    assert [item.findtext("guid") for item in feed.iter("item")] == ids


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(
    crawled: Deployment, tmp_path: Path
) -> None:
    done = crawled.run("export", "*", "-o", str(tmp_path / "none" / "articles.csv"))
    assert done.returncode == 6
    assert "cannot be written" in done.stderr
    (tmp_path / "kept.jsonl").write_text("before")
    refused = crawled.run("export", "ferry AND", "-o", str(tmp_path / "kept.jsonl"), "--force")
    assert refused.returncode == 4
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_file_that_is_there_is_overwritten_only_by_force(crawled: Deployment, tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_text("somebody's work")
    refused = crawled.run("export", "*", "--format", "csv", "-o", str(path))
    assert (refused.returncode, path.read_text()) == (2, "somebody's work")
    assert f"{path}: is there already; --force overwrites it" in refused.stderr
    assert crawled.run("export", "*", "--format", "csv", "-o", str(path), "--force").returncode == 0
    # With the mark by which spreadsheets know UTF-8.
    assert path.read_text().startswith("\ufefftime,source,source_name,")


def test_a_search_is_saved_run_exported_and_made_a_watch(crawled: Deployment) -> None:
    saved = crawled.run("searches", "save", "harbour-news", "Aurora AND ferry", "--name", "The grounding")
    assert saved.returncode == 0, saved.stderr
    assert total(crawled, "@harbour-news") == total(crawled, "Aurora AND ferry") > 0
    assert total(crawled, "@harbour-news", "--lang", "de") == 0
    exported = crawled.run("export", "@harbour-news").stdout.splitlines()
    assert len(exported) == total(crawled, "@harbour-news")
    watch = crawled.run("watches", "add", "@harbour-news", "--to", "desk@gazette.example", "--id", "of-it")
    assert "understood as: aurora AND ferry" in watch.stdout
    written = (crawled.config / "watches" / "of-it.yaml").read_text()
    assert "name: The grounding\nquery: '@harbour-news'\n" in written
    [listed] = json.loads(crawled.run("searches", "list", "--json").stdout)
    assert (listed["id"], listed["name"]) == ("harbour-news", "The grounding")
    again = crawled.run("searches", "save", "harbour-news", "ferry")
    assert again.returncode == 3
    assert "is there already" in again.stderr


def test_a_search_that_is_not_saved_is_told_with_those_that_are(crawled: Deployment) -> None:
    done = crawled.run("search", "@nothing-of-it")
    assert done.returncode == 2
    assert "there is no saved search '@nothing-of-it'; there is:" in done.stderr


def test_a_wrong_query_is_not_saved(crawled: Deployment) -> None:
    done = crawled.run("searches", "save", "wrong", "titel:ferry")
    assert done.returncode == 4
    assert not (crawled.config / "searches" / "wrong.yaml").exists()
