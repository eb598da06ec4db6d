"""Every command on a terminal, over an archive and a configuration whose texts would act on it."""

import json
import re
from collections.abc import Iterator

import pytest
import yaml
from sqlalchemy import update

from presswatch import config
from presswatch.accounts import Role
from presswatch.archive import Archive, accounts, alerts, audit, feed, site_facts
from presswatch.archive.accounts import Account
from presswatch.archive.tables import ActorKind
from presswatch.archive.tables import watch as watch_table
from presswatch.model import Facts
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from support.commands import every_command
from support.deployment import Deployment
from support.newsroom import NOW, Newsroom, moment
from support.terminal import on_terminal

# A colour, a bell, C1's CSI, a hyperlink, a title of the window, an override, a separator; markup of rich.
BLINK = "\x1b[5;95m"
HOSTILE = (
    f"ferry {BLINK}red\x07 \x9b2J \x1b]8;;http://evil.example\x1b\\go\x1b]0;owned\x07 "
    "\u202egnp\u2066 \u2028 [/x] [red] end"
)
URL = "https://gazette.example/1"
# What each command is given here; one that is missing fails the test. `run` is ended when it has started.
GIVEN: dict[str, list[list[str]]] = {
    "accounts add": [
        [HOSTILE],
        ["jane", "--role", HOSTILE],
        ["jane", "--role", "operator", "--language", HOSTILE],
    ],
    "accounts audit": [[], ["--json"]],
    "accounts list": [[], ["--json"]],
    "accounts password": [[HOSTILE]],
    "accounts remove": [[HOSTILE]],
    "accounts role": [[HOSTILE, HOSTILE], ["chief", HOSTILE]],
    "articles import": [["LINES"], ["LINES", "--json"], [HOSTILE]],
    "articles remove": [[HOSTILE, "--reason", HOSTILE]],
    "articles removed": [[], ["--json"]],
    "backup": [
        [f"elsewhere-{HOSTILE.replace('/', '')}.zip"],
        ["elsewhere.zip"],
        ["elsewhere.zip"],
        [HOSTILE],
    ],
    "catalogue check": [[HOSTILE]],
    "check": [[]],
    "doctor": [["--offline"], ["--offline", "--json"]],
    "collections list": [[], ["--json"]],
    "collections show": [["1"], ["1", "--json"], [HOSTILE]],
    "crawl": [[], [HOSTILE]],
    "mails bounces": [["PAGE"], ["PAGE", "--json"], [HOSTILE]],
    "mails drop": [["1"]],
    "mails list": [[], ["--json"], ["--state", HOSTILE]],
    "mails retry": [[]],
    "mails test": [["desk@gazette.example"], [HOSTILE], ["--to", HOSTILE]],
    "mails show": [["1"], ["1", "--json"]],
    "demo": [["--help"]],
    "export": [
        *(["*", "--format", form] for form in ("jsonl", "csv", "atom", "rss", "json", "ris", "xlsx")),
        [HOSTILE],
    ],
    "export-made": [["elsewhere-made"], ["config"]],
    "extract": [["PAGE"], ["PAGE", "--explain"], ["PAGE", "--json"], [HOSTILE]],
    "init": [["elsewhere"]],
    "mark": [
        [URL, "--tag", HOSTILE, "--note", HOSTILE, "--collection", HOSTILE],
        [URL, "--untag", HOSTILE, "--json"],
        [HOSTILE],
    ],
    "mcp": [["--help"]],
    "query convert": [
        ["QUERY", "--from", "factiva"],
        ["QUERY", "--from", "factiva", "--json"],
        [HOSTILE, "--from", HOSTILE],
    ],
    "quarantine drop": [["none"]],
    "quarantine list": [[], ["--json"]],
    "quarantine matches": [[], ["--json"], ["--retry"]],
    "quarantine retry": [[HOSTILE], []],
    "reextract": [["--dry-run"], ["--json"], []],
    "reindex": [[]],
    "prune": [[], ["--dry-run"], ["--json"]],
    "restore": [
        ["PAGE"],
        [HOSTILE],
        ["elsewhere.zip", "--data", HOSTILE],
        ["elsewhere.zip", "--data", "restored/data", "--json"],
        ["elsewhere.zip", "--data", "restored/data"],
    ],
    "review": [
        ["morning", "--date", f"{NOW:%Y-%m-%d}"],
        ["morning", "--date", f"{NOW:%Y-%m-%d}", "--html", "-"],
        ["morning", "--json"],
        ["morning", "--date", HOSTILE],
        [HOSTILE],
    ],
    "run": [[]],
    "serve": [[]],
    "schema": [[], [HOSTILE]],
    "search": [["ferry", *more] for more in ([], ["--facets"], ["--csv"], ["--json"], ["--explain"])]
    + [["ferry", "--timeline"], [HOSTILE]],
    "searches list": [[]],
    "searches save": [["hostile", HOSTILE]],
    "show": [[URL], [URL, "--diff"], [URL, "--explain"], [URL, "--json"], [HOSTILE]],
    "sources add": [[HOSTILE]],
    "sources disable": [[HOSTILE]],
    "sources edit": [[HOSTILE, "--set", HOSTILE], ["gazette", "--set", HOSTILE]],
    "sources enable": [[HOSTILE]],
    "sources export": [[], ["--format", "csv"], ["--format", HOSTILE]],
    "sources find": [["lisbon"], [HOSTILE]],
    "sources heal": [["gazette"], [HOSTILE]],
    "sources import": [["PAGE"], [HOSTILE]],
    "sources list": [[], ["--json"]],
    "sources pause": [["gazette", "--until", HOSTILE], [HOSTILE, "--until", "1d"]],
    "sources remove": [[HOSTILE]],
    "sources rename": [["gazette", HOSTILE], [HOSTILE, "other"]],
    "sources run-now": [["gazette"], [HOSTILE]],
    "sources backfill": [["gazette", "--since", "30d"], [HOSTILE, "--since", HOSTILE]],
    "sources show": [["gazette"], ["gazette", "--json"], [HOSTILE]],
    "sources test": [[HOSTILE]],
    "status": [[], ["--json"]],
    "story merge": [[HOSTILE, HOSTILE]],
    "story show": [[URL], [URL, "--json"], [HOSTILE]],
    "story split": [[HOSTILE, URL], [HOSTILE, HOSTILE]],
    "tokens add": [[HOSTILE], ["reader", "--json"], ["reader", "--scope", HOSTILE]],
    "tokens list": [[], ["--json"]],
    "tokens remove": [[HOSTILE]],
    "urls list": [[], ["--json"], ["--state", HOSTILE]],
    "urls retry": [[URL], [HOSTILE]],
    "urls show": [[URL], [URL, "--json"], [HOSTILE]],
    "watches add": [["ferry", "--to", HOSTILE]],
    "watches export": [[]],
    "watches import": [["QUERY", "--dry-run"], ["QUERY", "--to", HOSTILE, "--json"], [HOSTILE]],
    "watches list": [[], ["--json"]],
    "watches edit": [["ferries", "--set", f"name={HOSTILE}"], [HOSTILE, "--drop", HOSTILE]],
    "watches mute": [
        ["ferries", "--story", URL],
        ["ferries", "--story", URL, "--json"],
        ["ferries", "--story", HOSTILE],
        ["ferries", "--source", HOSTILE, "--undo"],
        [HOSTILE, "--source", HOSTILE],
    ],
    "watches pause": [["ferries"], [HOSTILE], ["ferries", "--for", HOSTILE]],
    "watches remove": [[HOSTILE]],
    "watches resume": [["ferries"], [HOSTILE]],
    "watches show": [["ferries"], ["ferries", "--json"], [HOSTILE]],
    "watches test": [["ferries"], [HOSTILE]],
    "why": [[URL], [URL, "ferries"], [URL, "--json"], [HOSTILE], [URL, HOSTILE]],
}
# Colours and what rich uses to draw and take away a bar: nothing of it comes from a text.
_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[\d*[AK]|\r(?=\n|\x1b\[)|\r\n")
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\x1b")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    deployment = Deployment(tmp_path_factory.mktemp("hostile"))
    deployment.configure([], query="ferry")
    watch = {"name": HOSTILE, "query": "ferry", "recipients": ["desk@gazette.example"]}
    (deployment.config / "watches" / "ferries.yaml").write_text(yaml.safe_dump(watch))
    sections = [{"name": HOSTILE, "watches": ["ferries"]}]
    review = {"name": HOSTILE, "sections": sections, "cron": "@daily"}
    (deployment.config / "reviews").mkdir()
    (deployment.config / "reviews" / "morning.yaml").write_text(yaml.safe_dump(review))
    source = {"name": HOSTILE, "start": ["https://gazette.example/"], "schedule": {"every": "1h"}}
    (deployment.config / "sources").mkdir(exist_ok=True)
    (deployment.config / "sources" / "gazette.yaml").write_text(yaml.safe_dump(source | {"enabled": False}))
    page = f"<title>{HOSTILE}</title><article><h1>{HOSTILE}</h1>" + f"<p>{HOSTILE} and more words.</p>" * 20
    (deployment.folder / "page.html").write_text(f"<html><meta charset=utf-8>{page}</html>")
    with Archive.open(deployment.data / "archive.sqlite") as archive:
        newsroom = Newsroom(archive)
        made = [
            newsroom.publish(
                f"https://gazette.example/{number}",
                HOSTILE,
                title=HOSTILE,
                authors=(HOSTILE,),
                published=moment(NOW),
            )
            for number in range(3)
        ]
        with archive.writing() as tx:
            texts = (HOSTILE,)
            alerts.ensure_watches(tx, ["ferries"], NOW)
            tx.execute(update(watch_table).values(cursor=0))
            site_facts.keep(tx, "gazette", Facts(texts, texts, texts, texts, texts, texts, pages=3), NOW)
            accounts.add(tx, Account("chief", Role.OPERATOR, "", "no hash", False, NOW, NOW))
            actor = audit.Actor(ActorKind.RECIPIENT, HOSTILE)
            audit.record(tx, actor, HOSTILE, HOSTILE, NOW, {HOSTILE: HOSTILE})
            feed.quarantine(tx, made[2], feed.waiting(tx, 10)[made[2]], HOSTILE, NOW)
        configured = config.load(deployment.config)
        match_step(archive, configured, NOW)
        assert close_step(archive, configured, NOW)
    assert deployment.run("reindex").returncode == 0
    yield deployment
    deployment.end()


def shown(deployment: Deployment, *arguments: str, is_new: bool) -> str:
    """What the command writes on a terminal."""
    files = {"PAGE": deployment.folder / "page.html", "QUERY": deployment.folder / "hostile.query"}
    files["LINES"] = deployment.folder / "hostile.jsonl"
    files["LINES"].write_text(
        json.dumps({"url": HOSTILE, "title": HOSTILE, "source": HOSTILE}) + "\n{" + HOSTILE
    )
    files["QUERY"].write_text(f"(ferry near5 {HOSTILE}) and xyz={HOSTILE}", encoding="utf-8")
    arguments = tuple(str(files.get(one, one)) for one in arguments)
    until = ("started", "are served") if arguments[0] in ("run", "serve") else ()
    # A pager waits for keys.
    return on_terminal(deployment, *arguments, until=until, is_new=is_new, environment={"PAGER": ""})[1]


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_no_text_acts_on_the_terminal(hostile: Deployment, words: tuple[str, ...]) -> None:
    for number, given in enumerate(GIVEN[" ".join(words)]):
        # Every command is once a process of its own from the beginning.
        written = shown(hostile, *words, *given, is_new=number == 0)
        assert written
        assert BLINK not in written
        assert "a fault of presswatch" not in written
        assert _ACTING.findall(_OWN.sub("", written)) == [], (given, written)
