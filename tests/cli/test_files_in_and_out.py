"""Articles and watches that leave as files and come back."""

import json
import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from presswatch.archive.tables import article
from support.deployment import Deployment

MANY = 1_200


@pytest.fixture
def place(deployment: Deployment) -> Deployment:
    deployment.configure([])
    return deployment


def count(place: Deployment) -> int:
    with place.archive() as archive, archive.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(article)).scalar_one())


def lines(folder: Path, texts: list[str]) -> str:
    path = folder / "articles.jsonl"
    path.write_text("\n".join(texts) + "\n")
    return str(path)


def test_what_was_exported_is_imported_searched_and_told_to_nobody(
    crawled: Deployment, place: Deployment
) -> None:
    path = place.folder / "all.jsonl"
    assert crawled.run("export", "*", "-o", str(path)).returncode == 0
    exported = [json.loads(line) for line in path.read_text().splitlines()]
    done = place.run("articles", "import", str(path))
    assert done.returncode == 0, done.stderr
    assert f"{len(exported)} articles new, 0 there already" in done.stdout
    assert place.run("reindex").returncode == 0
    found = map(json.loads, place.run("export", "*").stdout.splitlines())
    kept = ("url", "title", "text", "first_seen", "published", "author", "section", "language", "source")
    back = {one["url"]: one for one in found}
    assert len(back) == len(exported)
    for one in exported:
        assert {name: back[one["url"]][name] for name in kept} == {name: one[name] for name in kept}
    again = place.run("articles", "import", str(path))
    assert f"0 articles new, {len(exported)} there already" in again.stdout
    audit = json.loads(place.run("accounts", "audit", "--json").stdout)
    assert [act["did"] for act in audit] == ["article.import"]


def test_what_is_wrong_with_lines_is_told_with_their_numbers_and_the_others_are_kept(
    place: Deployment,
) -> None:
    good = json.dumps({"url": "https://gazette.example/1", "title": "Ferry", "source": "gazette"})
    path = lines(
        place.folder, ["\ufeff" + good, "", "{", good.replace("/1", "/2"), '{"url": "htp://x.example"}']
    )
    done = place.run("articles", "import", path)
    assert (done.returncode, count(place)) == (1, 2)
    assert f"{path}:3: is no JSON" in done.stderr
    assert f"{path}:5: url: expected an address" in done.stderr


def test_an_import_that_was_killed_goes_on_where_it_was(place: Deployment) -> None:
    told = [
        {"url": f"https://gazette.example/{number}", "title": f"Ferry {number}", "source": "gazette"}
        for number in range(MANY)
    ]
    path = lines(place.folder, list(map(json.dumps, told)))
    assert place.run("watches", "list").returncode == 0
    with subprocess.Popen(place.command("articles", "import", path), stdout=subprocess.DEVNULL) as killed:
        place.wait_until("a part", lambda: count(place) or killed.poll() is not None)
        killed.send_signal(signal.SIGKILL)
    before = count(place)
    assert 0 < before < MANY
    rest = json.loads(place.run("articles", "import", path, "--json").stdout)
    assert (rest["new"], rest["known"]) == (MANY - before, before)
    assert count(place) == MANY


def test_watches_come_from_a_list_once_and_go_into_a_table(place: Deployment) -> None:
    path = place.folder / "queries.txt"
    path.write_text("ferry AND strike\n-ferry\n")
    asked = ["watches", "import", str(path), "--to", "desk@example.org"]
    tried = place.run(*asked, "--dry-run")
    assert "1 would be added" in tried.stdout
    assert not (place.config / "watches" / "ferry-strike.yaml").exists()
    done = place.run(*asked)
    assert done.returncode == 1
    assert f"{path}:2: query: found '-ferry'" in done.stderr
    table = place.run("watches", "export").stdout
    assert "ferry-strike,ferry AND strike,ferry AND strike,desk@example.org,instant,,yes" in table
    path.write_text(table)
    assert (
        "2 watches: 0 added, 2 are there already, 0 are wrong"
        in place.run("watches", "import", str(path)).stdout
    )


def test_a_list_of_watches_overwrites_no_file_of_another(place: Deployment) -> None:
    place.write("watches/boats.yaml", "id: ships\nname: Ships\nquery: ship\nrecipients: [desk@example.org]\n")
    there = (place.config / "watches" / "boats.yaml").read_text()
    path = place.folder / "boats.txt"
    path.write_text("boats\nlighthouse\n")
    for dry in (["--dry-run"], []):
        done = place.run("watches", "import", str(path), "--to", "desk@example.org", *dry)
        assert done.returncode == 1
        assert f"{path}:1: {place.config}/watches/boats.yaml: is there already" in done.stderr
    assert (place.config / "watches" / "boats.yaml").read_text() == there
    assert (place.config / "watches" / "lighthouse.yaml").is_file()
