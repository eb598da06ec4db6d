"""An issue of a press review that editors make, at the command and in a daemon."""

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from presswatch.archive import Archive, articles
from presswatch.archive.drafts import Desk
from presswatch.archive.tables import Finish, Verdict
from support.deployment import Deployment
from support.newsroom import Newsroom

REVIEW = """
name: Morning
sections: [{name: Ferries, watches: [aurora]}]
recipients: [desk@example.org]
cron: '0 7 * * *'
"""


@pytest.fixture
def edited(deployment: Deployment) -> Deployment:
    """An installation in which jane has taken an article into the next issue."""
    deployment.configure([])
    deployment.write("reviews/morning.yaml", REVIEW)
    with Archive.open(deployment.data / "archive.sqlite") as archive:
        id_ = Newsroom(archive).publish("https://gazette.example/1", "Words.", title="Ferry aground")
        with archive.writing() as tx:
            record = articles.get(tx, id_)
            assert record is not None
            desk = hand(tx)
            desk.decide(id_, Verdict.TAKEN, "Ferries", record.revision)
            desk.annotate(id_, "Our own ship.")
    return deployment


def hand(tx: object) -> Desk:
    now = datetime.now(UTC)
    return Desk(tx, "morning", "jane", now, (0, now))  # type: ignore[arg-type]  # a transaction


def test_the_command_says_that_editors_work_on_the_next_issue(edited: Deployment) -> None:
    done = edited.run("review", "morning")
    assert done.returncode == 0
    assert "edited by hand: 1 taken, not finished, last changed by jane" in done.stderr
    draft = json.loads(edited.run("review", "morning", "--json").stdout)["draft"]
    assert (draft["version"], draft["changed_by"], len(draft["taken"])) == (2, "jane", 1)


def test_a_daemon_mails_what_an_editor_sent_once(edited: Deployment) -> None:
    with Archive.open(edited.data / "archive.sqlite") as archive, archive.writing() as tx:
        hand(tx).finish(Finish.NOW, datetime.now(UTC) + timedelta(hours=1))

    def mails() -> list[bytes]:
        return [path.read_bytes() for path in (edited.data / "mail").glob("*.eml")]

    for _ in range(2):
        daemon = edited.start()
        edited.wait_until("the issue", mails)
        daemon.terminate()
        daemon.wait()
    [mail] = mails()
    body = message_from_bytes(mail, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert "> Our own ship." in body.get_content()
    shown = json.loads(edited.run("review", "morning", "--json").stdout)
    assert shown["draft"] is None
