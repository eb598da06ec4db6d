"""A crawler whose daemon was killed knows it, and blames no page for what goes wrong then."""

import subprocess
import sys
from pathlib import Path

from support.waiting import wait_until

# A daemon that starts a crawler, which says when its parent is there and when it is gone.
DAEMON = """
import sys, time
from multiprocessing import get_context
from pathlib import Path

from crawler.parent import is_orphan


def crawl(said):
    Path(said).write_text(str(is_orphan()))
    while not is_orphan():
        time.sleep(0.05)
    Path(said).write_text("gone")


if __name__ == "__main__":
    child = get_context("fork").Process(target=crawl, args=(sys.argv[1],))
    child.start()
    child.join()
"""


def test_a_crawler_knows_that_its_daemon_is_gone(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with subprocess.Popen([sys.executable, "-c", DAEMON, str(said)]) as daemon:
        wait_until(lambda: said.exists() and said.read_text() == "False", "the crawler")
        daemon.kill()
    wait_until(lambda: said.read_text() == "gone", "the end of the daemon")
