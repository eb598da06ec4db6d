"""The crawling child: stopped, killed, orphaned. Nothing is lost, nothing is left running."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, select

from crawler.life import LEASE
from presswatch.archive import runs
from presswatch.archive.tables import RunState, UrlState, host_lease, metadata, run, url
from support import PATIENCE
from support.project import Project
from support.site import Site, article_html
from support.waiting import wait_until


def session_of(pid: int) -> set[int]:
    """The living processes that descend from this one, itself included, found by their session."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == pid and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def slow(request: BaseHTTPRequestHandler) -> None:
    """Never answers."""
    Event().wait()


def states(project: Project) -> dict[str, tuple[str, int]]:
    with closing(project.archive()) as archive, archive.reading() as tx:
        rows = tx.execute(select(url).where(url.c.scope == "")).all()
        return {row.url.rsplit("/", 1)[1]: (row.state, row.attempts) for row in rows}


@pytest.fixture
def press(project: Project, site: Site) -> Site:
    """One article at once, then one that keeps the crawler waiting, then one it will not come to."""
    project.configure(allow=[site.host], timeout="1h")
    site.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.answers["/story-0002.html"] = slow
    site.article("/story-0003.html", "A new school for the northern quarter")
    project.add_source("gazette", f"{site.url}/news")
    return site


def test_sigterm_hands_back_what_is_in_hand(project: Project, press: Site) -> None:
    child, [run_id] = project.begin("gazette")
    wait_until(lambda: "/story-0002.html" in press.paths() and project.articles(), "one is not read")

    child.terminate()
    child.join(PATIENCE)

    assert child.exitcode == 0
    run = project.run("gazette")
    assert (run.id, run.state, run.attempts) == (run_id, RunState.DUE, 0)
    found = states(project)
    assert found["story-0001.html"] == (UrlState.SETTLED, 0)
    assert found["story-0002.html"] == (UrlState.PENDING, 0)
    assert found["story-0003.html"] == (UrlState.PENDING, 0)
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert tx.execute(select(host_lease)).all() == []


def test_sigterm_before_anything_was_done(project: Project, press: Site) -> None:
    child, _ = project.begin("gazette")
    child.terminate()
    child.join(PATIENCE)
    run = project.run("gazette")
    assert run.state in (RunState.DUE, RunState.RUNNING), "handed back, or found by its lease"


def test_a_killed_crawler_is_found_by_its_lease_and_nothing_is_lost(project: Project, press: Site) -> None:
    child, [run_id] = project.begin("gazette")
    wait_until(lambda: "/story-0002.html" in press.paths() and project.articles(), "one is not read")

    child.kill()
    child.join(PATIENCE)

    with closing(project.archive()) as archive:
        with archive.reading() as tx:
            until = tx.execute(select(run.c.lease_until).where(run.c.id == run_id)).scalar_one()
            just_before = until - timedelta(milliseconds=1)
            assert runs.lapsed(tx, just_before).silent == (), "it may still be alive, for all we know"
            assert [claim.id for claim in runs.lapsed(tx, until).silent] == [run_id]
        with archive.writing() as tx:
            assert runs.lost(tx, [run_id], "its crawler died", datetime.now(UTC)) == [run_id]
    press.article("/story-0002.html", "The harvest was better than last year")
    project.resume("gazette", run_id)
    assert len(project.articles()) == 3
    assert press.paths().count("/story-0001.html") == 1


def test_a_run_that_was_taken_for_lost_is_left_to_its_new_crawler(project: Project, site: Site) -> None:
    asked, answer = Event(), Event()

    def late(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        answer.wait(PATIENCE)
        request.send_error(404)

    project.configure(allow=[site.host], timeout="1h")
    site.answers["/news"] = late
    project.add_source("gazette", f"{site.url}/news")
    child, [run_id] = project.begin("gazette")
    assert asked.wait(PATIENCE)
    now = datetime.now(UTC)
    with closing(project.archive()) as archive, archive.writing() as tx:
        runs.lost(tx, [run_id], "it seemed dead", now)
        [taken] = runs.claim(tx, "another crawler", {"gazette": [site.host]}, now, LEASE, 1, only=[run_id])

    answer.set()
    child.join(PATIENCE)

    assert child.exitcode == 0
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert runs.held(tx, [run_id]) == [taken]


def test_a_crawler_that_was_taken_for_dead_writes_nothing_more(project: Project, press: Site) -> None:
    """Not what it reads, not the end of its run, not a host in its successor's name."""
    asked, answer = Event(), Event()

    def late(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        answer.wait(PATIENCE)
        body = article_html("The harvest was better than last year", "/story-0009.html").encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    press.answers["/story-0002.html"] = late
    child, [run_id] = project.begin("gazette")
    assert asked.wait(PATIENCE)
    wait_until(project.articles, "none is read")
    now = datetime.now(UTC)
    with closing(project.archive()) as archive, archive.writing() as tx:
        runs.lost(tx, [run_id], "it seemed dead", now)
        [taken] = runs.claim(tx, "successor:1", {"gazette": [press.host]}, now, LEASE, 1, only=[run_id])
        before = everything(tx)

    answer.set()
    child.join(PATIENCE)

    assert child.exitcode == 0
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert runs.held(tx, [run_id]) == [taken]
        assert everything(tx) == before
    project.wait(project.start([run_id]))
    assert len(project.articles()) >= 3, "its successor loses nothing"


def everything(tx: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: [tuple(row) for row in tx.execute(select(table))] for name, table in metadata.tables.items()
    }


# A crawler whose reader hangs on every article; in a child of its own when told so, as under the daemon. Or
# one that does well, and whose log nobody reads.
CRAWL = """
import sys
from multiprocessing import get_context
from pathlib import Path

def crawl_hanging(folder, data, run_id):
    import crawler.spiders.source
    from crawler.run import crawl
    from presswatch import config
    from support import pages
    crawler.spiders.source.read_and_prepare = pages.hang_and_say
    crawl(config.load(folder), data, [run_id])

if __name__ == "__main__":
    args = (Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    if sys.argv[4] == "unheard":
        from crawler.run import crawl
        from presswatch import config
        crawl(config.load(args[0]), args[1], [args[2]])
    elif sys.argv[4] == "in a child":
        child = get_context("forkserver").Process(target=crawl_hanging, args=args)
        child.start()
        child.join()
    else:
        crawl_hanging(*args)
"""


@pytest.mark.parametrize("how", ["alone", "in a child"])
def test_sigkill_while_a_page_hangs_its_reader_leaves_no_process(
    project: Project, site: Site, tmp_path: Path, how: str
) -> None:
    """Alone it is the crawler that is killed, in a child it is the crawler's parent."""
    project.configure(allow=[site.host], read_time="2s")
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "A page that hangs its reader")
    project.add_source("gazette", f"{site.url}/news")
    [run_id] = project.claim("gazette")
    script, marks = tmp_path / "crawl_hanging.py", tmp_path / "marks"
    script.write_text(CRAWL)
    marks.mkdir()
    path = os.pathsep.join(part for part in sys.path if part)
    command = [sys.executable, str(script), str(project.folder), str(project.data), str(run_id), how]
    started = subprocess.Popen(
        command, start_new_session=True, env={**os.environ, "PYTHONPATH": path, "MARK": str(marks)}
    )
    wait_until(lambda: any(marks.iterdir()), "the reader does not hang")
    reader = int(next(marks.iterdir()).name)
    assert reader in session_of(started.pid)

    started.kill()
    started.wait(PATIENCE)

    wait_until(lambda: not session_of(started.pid), "some of its processes are still there")
    if how == "in a child":
        assert project.run("gazette").state == RunState.DUE, "the orphan had time to hand its run back"


def test_a_hanging_page_is_a_failure_with_a_reason(project: Project, site: Site, tmp_path: Path) -> None:
    project.configure(allow=[site.host], read_time="3s")
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "A page that hangs its reader")
    project.add_source("gazette", f"{site.url}/news")
    [run_id] = project.claim("gazette")
    script = tmp_path / "crawl_hanging.py"
    script.write_text(CRAWL)
    path = os.pathsep.join(part for part in sys.path if part)
    command = [sys.executable, str(script), str(project.folder), str(project.data), str(run_id), "alone"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path, "MARK": str(tmp_path)})

    summary = project.summary("gazette")
    assert summary.failed == 1
    assert summary.troubles[0].reason == "reading it takes longer than 3 s"
    assert states(project)["story-0001.html"] == (UrlState.FAILING, 1)


def test_a_crawl_goes_on_when_nobody_reads_its_log(project: Project, site: Site, tmp_path: Path) -> None:
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    [run_id] = project.claim("gazette")
    script = tmp_path / "crawl.py"
    script.write_text(CRAWL)
    command = [
        sys.executable,
        str(script),
        str(project.folder),
        str(project.data),
        str(run_id),
        "unheard",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        child.stderr.close()
        assert child.wait(PATIENCE) == 0
    assert project.summary("gazette").new == 1
