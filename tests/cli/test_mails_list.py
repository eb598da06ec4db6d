"""The list of mails on terminals of several widths."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from presswatch.archive import Archive
from support import PATIENCE
from support.alarm import Alarm
from support.deployment import Deployment

LONGEST = "a" * 30 + "-" + "b" * 32
RECIPIENT = "Jane Doe of the foreign desk <jane.doe-of-the-foreign-desk@newsroom.example.org>"


@pytest.fixture
def mailed(deployment: Deployment) -> Deployment:
    """A mail of a watch whose id is as long as one may be."""
    deployment.configure([])
    with Archive.open(deployment.data / "archive.sqlite") as archive:
        alarm = Alarm(archive)
        alarm.watch(LONGEST, recipients=[RECIPIENT, "bot"])
        alarm.publish(title="Ferry with four hundred passengers runs aground near Kolmar in a storm at night")
        alarm.tick()
    return deployment


def lines(deployment: Deployment, columns: int) -> list[str]:
    """What the command writes on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    own["PAGER"] = ""
    command = deployment.command("mails", "list")
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=own) as listing:
        os.close(theirs)
        written = b""
        while piece := _read(ours):
            written += piece
        listing.wait(PATIENCE)
    os.close(ours)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written.decode())
    return [line.rstrip() for line in plain.splitlines() if line.strip()]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: nobody holds the other end any more
        return b""


def test_a_watch_that_there_never_was_is_a_mistake(mailed: Deployment) -> None:
    done = mailed.run("mails", "list", "--watch", "auror")
    assert (done.returncode, done.stdout) == (2, "")
    assert "do you mean aurora?" in done.stderr


def test_no_id_is_broken_and_nothing_wraps_at_80_columns(mailed: Deployment) -> None:
    *_head, watch, subject, when, first, second = lines(mailed, 80)
    assert watch.split() == ["1", LONGEST]
    assert subject.strip().startswith(LONGEST.title())
    assert subject.endswith("…")
    assert when.endswith("1 article")
    assert first.strip().startswith("queued   Jane Doe")
    assert first.endswith("…")
    assert second.split() == ["queued", "bot"]


def test_all_of_it_is_told_where_there_is_room(mailed: Deployment) -> None:
    written = lines(mailed, 200)
    assert not [line for line in written if "…" in line]
    assert f"queued   {RECIPIENT}" in written[-2]
