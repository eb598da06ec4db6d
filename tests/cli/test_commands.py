"""The commands as somebody types them: what they answer, and what they say of mistakes."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from presswatch import config
from presswatch.archive import Archive, articles, changes, site_facts
from presswatch.config import Every
from presswatch.demo.press import Press
from presswatch.model import Facts, Hints
from support.deployment import Deployment
from support.newsroom import Newsroom

DOCS = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_what_was_crawled_by_hand_is_searched_shown_and_counted(crawled: Deployment) -> None:
    found = json.loads(crawled.run("search", "Aurora AND ferry", "--json").stdout)
    assert found["total"] == 2
    url = found["articles"][0]["url"]
    shown = crawled.run("show", url).stdout
    assert "How it was found" in shown
    assert "/feed/" in shown
    record = json.loads(crawled.run("show", url, "--json").stdout)["record"]
    assert record["article"]["authors"] == ["Tom Brask"]
    assert "has not changed" in crawled.run("show", url, "--diff").stdout
    story = json.loads(crawled.run("story", url, "--json").stdout)
    assert url in [one["url"] for one in story["articles"]]
    assert crawled.run("story", story["story"]).returncode == 0
    status = json.loads(crawled.run("status", "--json").stdout)
    assert (status["articles"], status["index"]["waiting"]) == (10, 0)
    assert "no daemon runs" in crawled.run("status").stdout


def test_an_outlet_that_only_links_to_an_article_is_none_of_its_story(deployment: Deployment) -> None:
    deployment.write("presswatch.yaml", "")
    with Archive.open(deployment.data / "archive.sqlite") as archive:
        newsroom = Newsroom(archive)
        linked = newsroom.publish("https://gazette.example/ferry", title="Ferry aground")
        newsroom.start_run("herald", "https://herald.example")
        with archive.writing() as tx:
            changes.add_source(tx, linked, "herald", newsroom.now)
    said = deployment.run("story", linked).stdout
    assert "1 article of 1 outlet\n" in said
    assert "herald" not in said


def test_what_is_in_the_data_folder_is_its_owner_s(crawled: Deployment) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in [crawled.data, *crawled.data.rglob("*")]}
    assert {"archive.sqlite", "archive.sqlite-wal", "index.sqlite"} & modes.keys()
    folders = {path.name for path in crawled.data.rglob("*") if path.is_dir()} | {"data"}
    assert modes == {name: 0o700 if name in folders else 0o600 for name in modes}
    assert (crawled.config / "presswatch.yaml").stat().st_mode & 0o044


def test_highlights_are_stars_in_a_pipe(crawled: Deployment) -> None:
    said = crawled.run("search", "cobbler", "--limit", "1").stdout
    assert "*Cobbler*" in said
    assert "\x1b[" not in said


def test_a_watch_is_added_tried_and_listed(crawled: Deployment) -> None:
    added = crawled.run("watches", "add", "herring OR lifeboat", "--to", "desk@gazette.example")
    assert "understood as: herring OR lifeboat" in added.stdout
    tried = crawled.run("watches", "test", "herring-lifeboat")
    assert "Herring" in tried.stdout
    assert "articles in 30 days" in tried.stdout
    listed = json.loads(crawled.run("watches", "list", "--json").stdout)
    assert [watch["id"] for watch in listed] == ["aurora", "herring-lifeboat"]
    named = ("--name", "Herring  or LIFEBOAT")
    again = crawled.run("watches", "add", "herring", "--to", "desk@gazette.example", *named)
    assert (again.returncode, "the watch herring-lifeboat has the name" in again.stderr) == (2, True)
    twin = {"name": listed[0]["name"], "query": "x", "recipients": ["desk@gazette.example"]}
    config.write_watch(crawled.config, "twin", twin)
    assert f"has the same name as twin: {listed[0]['name']}" in crawled.run("check").stdout


def test_a_watch_is_paused_shown_resumed_and_removed(crawled: Deployment) -> None:
    added = crawled.run("watches", "add", "herring", "--to", "desk@gazette.example", "--id", "fish")
    assert "It begins with what appears next" in added.stdout
    paused = crawled.run("watches", "pause", "fish", "--for", "3d")
    assert "what it finds meanwhile is told after that" in paused.stdout
    assert "paused" in crawled.run("watches", "list").stdout
    assert "paused" in crawled.run("status").stdout
    shown = crawled.run("watches", "show", "fish").stdout
    assert re.search(r"paused +until 20\d\d-|paused +until \w+ ", shown)
    assert crawled.run("watches", "resume", "fish").returncode == 0
    assert "paused" not in crawled.run("watches", "show", "fish").stdout
    assert crawled.run("watches", "pause", "fish", "--for", "soon").returncode == 2
    removed = crawled.run("watches", "remove", "fish")
    assert "removed:" in removed.stdout
    again = crawled.run("watches", "add", "lifeboat", "--to", "desk@gazette.example", "--id", "fish")
    assert "fish was the id of a watch before" in again.stdout
    assert crawled.run("watches", "remove", "fish").returncode == 0
    unknown = crawled.run("watches", "show", "fish")
    assert (unknown.returncode, "there is no watch 'fish'" in unknown.stderr) == (2, True)


def test_a_story_and_a_source_are_muted_for_a_whole_watch_until_that_is_taken_back(
    crawled: Deployment,
) -> None:
    found = json.loads(crawled.run("search", "Aurora AND ferry", "--json").stdout)["articles"]
    url, title = found[0]["url"], found[0]["title"]
    muted = crawled.run("watches", "mute", "aurora", "--story", url)
    assert (muted.returncode, "tells nobody of the story" in muted.stdout) == (0, True)
    held = json.loads(crawled.run("watches", "mute", "aurora", "--source", "harbour", "--json").stdout)
    assert [(one["kind"], one["recipient"]) for one in held] == [("mute-story", ""), ("mute-source", "")]
    shown = crawled.run("watches", "show", "aurora").stdout
    assert "mute-source harbour for every recipient" in shown
    assert f"mute-story {held[0]['subject']} for every recipient “{title}”" in shown
    for words in (["--story", url], ["--source", "harbour"]):
        assert crawled.run("watches", "mute", "aurora", *words, "--undo").returncode == 0
        again = crawled.run("watches", "mute", "aurora", *words, "--undo")
        assert (again.returncode, "that is not muted" in again.stderr) == (2, True)
    assert "every recipient" not in crawled.run("watches", "show", "aurora").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say what to mute"),
        (["--story", "https://none.example/", "--source", "harbour"], "say what to mute"),
        (["--source", "harbor"], "do you mean harbour?"),
        (["--story", "https://none.example/"], "there is no article"),
    ],
)
def test_what_cannot_be_muted_is_told(crawled: Deployment, words: list[str], said: str) -> None:
    done = crawled.run("watches", "mute", "aurora", *words)
    assert (done.returncode, said in done.stderr) == (2, True)


def test_a_watch_that_is_there_is_left_as_it_is(crawled: Deployment) -> None:
    long = " OR ".join(f"herring{number}" for number in range(60))
    made = crawled.run("watches", "add", long, "--to", "desk@gazette.example", "--id", "long")
    assert made.returncode == 0
    again = crawled.run("watches", "add", "ferry", "--to", "desk@gazette.example", "--id", "long")
    assert again.returncode == 3
    assert "is there already" in again.stderr
    assert "was the id" not in again.stdout
    assert json.loads(crawled.run("watches", "show", "long", "--json").stdout)["query"] == long
    crawled.run("watches", "remove", "long")


def test_a_trial_mail_is_sent_as_alerts_are(deployment: Deployment) -> None:
    deployment.configure([])
    done = deployment.run("mails", "test", "Jane Doe <jane@gazette.example>")
    assert done.returncode == 0
    [written] = (deployment.data / "mail").glob("*.eml")
    assert f"written: {written}" in done.stdout
    assert "To: Jane Doe <jane@gazette.example>" in written.read_text()
    settings = deployment.config / "presswatch.yaml"
    settings.write_text("mail: {smtp: {host: 127.0.0.1, port: 1, security: none}}\n")
    refused = deployment.run("mails", "test", "jane@gazette.example")
    assert refused.returncode != 0
    assert "127.0.0.1:1" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_reading_again_and_indexing_anew_change_nothing(crawled: Deployment) -> None:
    before = json.loads(crawled.run("search", "*", "--json").stdout)["total"]
    assert "10 read again, 0 changed, 0 no longer" in crawled.run("reextract").stdout
    assert "10 articles in the" in crawled.run("reindex").stdout
    assert json.loads(crawled.run("search", "*", "--json").stdout)["total"] == before


def test_reading_again_shows_what_it_would_change_before_it_is_kept(crawled: Deployment) -> None:
    with Archive.open(crawled.data / "archive.sqlite") as archive, archive.writing() as tx:
        [record] = articles.since(tx, 0, 1)
        read = record.article
        worse = replace(read, title="Harbour Gazette", authors=("Login", "Tom"), blocks=read.blocks[1:])
        articles.replace_reading(tx, record.id, worse, "0", Hints())
    told = json.loads(crawled.run("reextract", "--dry-run", "--json").stdout)
    assert (told["read"], told["changed"], told["lost"]["articles"]) == (10, 1, 0)
    changes = {name: change["examples"] for name, change in told["fields"].items()}
    assert changes["title"] == [{"url": record.url, "before": "Harbour Gazette", "after": read.title}]
    assert changes["authors"] == [
        {"url": record.url, "before": "Login, Tom", "after": ", ".join(read.authors)}
    ]
    assert read.blocks[0].text[:40] in changes["text"][0]["after"]
    shown = crawled.run("reextract", "--dry-run").stdout
    assert "10 read again, 1 changed, nothing kept, 0 no longer readable as articles" in shown
    assert "Harbour Gazette" in shown
    assert json.loads(crawled.run("show", record.id, "--json").stdout)["record"]["article"]["authors"] == [
        "Login",
        "Tom",
    ]
    assert "10 read again, 1 changed, 0 no longer" in crawled.run("reextract").stdout
    assert "10 read again, 0 changed" in crawled.run("reextract", "--dry-run").stdout


def test_a_source_is_tried_and_added(press: Press, deployment: Deployment) -> None:
    deployment.configure([press.outlets["harbour"]])
    outlet = press.outlets["harbour"]
    tried = deployment.run("sources", "test", outlet.start)
    assert "The Harbour Gazette" in tried.stdout
    assert "feed, as given: 10 links" in tried.stdout
    assert "Second grounding in two years" in tried.stdout
    assert "Tom Brask · Harbour · 133 words · full" in tried.stdout
    site = json.loads(deployment.run("sources", "test", outlet.url, "--articles", "1", "--json").stdout)
    assert site["source"]["start"] == [outlet.start]
    assert [(start["count"], start["chosen"]) for start in site["starts"][:2]] == [(10, True), (10, False)]
    twice = deployment.run("sources", "add", outlet.url, "--id", "again")
    assert (twice.returncode, "is read by the source harbour already" in twice.stderr) == (2, True)
    (deployment.config / "sources" / "harbour.yaml").unlink()
    added = deployment.run("sources", "add", outlet.url, "--id", "again", "--every", "45m")
    assert added.returncode == 0, added.stderr
    assert f"leave  {outlet.url}/\n" in added.stdout
    assert f"the same articles as {outlet.start}" in added.stdout
    [source] = [one for one in config.load(deployment.config).sources if one.id == "again"]
    assert (source.start, source.language, source.time_zone) == ((outlet.start,), "en", "Europe/London")
    assert source.schedule == Every(every=timedelta(minutes=45))
    assert "again" in deployment.run("sources", "list").stdout
    assert site["source"]["schedule"] == "auto"
    [article] = [one for one in press.expected if one.story.slug == "herring-prices"]
    refused = deployment.run("sources", "add", article.url, "--id", "wrong")
    assert refused.returncode == 2
    assert "give the page that lists such articles" in refused.stderr
    assert not (deployment.config / "sources" / "wrong.yaml").exists()


def test_a_crawl_says_what_was_no_article(press: Press, deployment: Deployment) -> None:
    deployment.configure([press.outlets["estuaire"]], every="1h")
    crawled = deployment.run("crawl")
    assert crawled.returncode == 0, crawled.stderr
    assert "no articles: 1 consent wall" in crawled.stdout


def test_a_page_is_read_from_the_web_or_a_file(press: Press, deployment: Deployment, tmp_path: Path) -> None:
    deployment.configure([press.outlets["harbour"]])
    [article] = [one for one in press.expected if one.story.slug == "herring-prices"]
    live = json.loads(deployment.run("extract", article.url, "--json").stdout)
    assert live["title"] == article.story.title
    explained = json.loads(deployment.run("extract", article.url, "--explain", "--json").stdout)
    assert explained["read"] == live
    assert {"title", "published", "authors"} <= {one["field"] for one in explained["witnesses"]}
    assert "why" in deployment.run("extract", article.url, "--explain").stdout
    saved = tmp_path / "page.html"
    saved.write_text("<title>Sign in</title><h1>Sign in</h1><form><input type=password></form>")
    read = deployment.run("extract", str(saved), "--url", "https://gazette.example/x")
    assert read.returncode == 1
    assert "not an article" in read.stdout
    gone = deployment.run("extract", f"{press.outlets['harbour'].url}/gone")
    assert (gone.returncode, "/gone: answered 404 Not Found" in gone.stderr) == (1, True)


def test_a_page_is_read_with_what_was_learnt_of_its_source(
    press: Press, deployment: Deployment, tmp_path: Path
) -> None:
    harbour = press.outlets["harbour"]
    deployment.configure([harbour])
    saved = tmp_path / "page.html"
    paragraphs = "".join(
        f"<p>The herring of the {n} year were sold at the quay, as ever.</p>" * 3 for n in "abc"
    )
    saved.write_text(f"<title>Herring are cheap ~ Fish and ships</title><article>{paragraphs}</article>")
    asked = ("extract", str(saved), "--url", f"{harbour.url}/herring", "--json")
    assert json.loads(deployment.run(*asked).stdout)["title"] == "Herring are cheap ~ Fish and ships"
    facts = Facts(title_ends=(" ~ Fish and ships",), pages=10)
    with deployment.archive() as archive, archive.writing() as tx:
        site_facts.keep(tx, "harbour", facts, datetime(2026, 11, 20, tzinfo=UTC))
    assert json.loads(deployment.run(*asked).stdout)["title"] == "Herring are cheap"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["search", "ferry AND"], 4, "AND"),
        (["search", "ferry*x"], 4, "*"),
        (["search", "titel:ferry"], 4, "title"),
        (["show", "https://gazette.example/unknown"], 2, "there is no article"),
        (["story", "unknown"], 2, "no story or article"),
        (["crawl", "gazete"], 2, "there is no source 'gazete'; there is: harbour"),
        (["watches", "test", "auror"], 2, "there is no watch 'auror'; do you mean aurora?"),
        (["watches", "add", "ferry", "--to", "nobody"], 2, "mail address"),
        (["extract", "neither-nor"], 2, "neither a file nor"),
        (["sources", "test", "ftp://gazette.example/"], 2, "http"),
        (["sources", "add", "http://gazette.invalid/", "--id", "harbour"], 2, "there is a source harbour"),
        (["sources", "add", "http://gazette.invalid/", "--every", "soon"], 2, "a duration like 15m"),
        (["sources", "add", "http://gazette.invalid/"], 6, "host name is not known"),
        (["schema", "colour"], 2, "there is: presswatch, source, watch"),
        (["bogus"], 2, "bogus"),
        (["search"], 2, "QUERY"),
    ],
)
def test_mistakes_are_answered_for_people(
    press: Press, deployment: Deployment, arguments: list[str], code: int, said: str
) -> None:
    deployment.configure([press.outlets["harbour"]])
    done = deployment.run(*arguments)
    assert done.returncode == code, done.stderr
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_without_a_configuration_every_command_says_what_to_do(deployment: Deployment) -> None:
    for command in (["check"], ["run"], ["search", "x"], ["crawl"], ["sources", "list"]):
        done = deployment.run(*command)
        assert done.returncode == 3
        assert "presswatch init" in done.stderr


def test_every_command_is_documented(deployment: Deployment) -> None:
    helped = deployment.run("--help").stdout
    commands = [
        line.split()[1] for line in helped.splitlines() if line.startswith("│ ") and line[2].islower()
    ]
    assert len(commands) >= 14
    assert [command for command in commands if f"`{command}" not in DOCS.read_text()] == []
