"""`presswatch mails`: what was mailed, to whom, and what is wrong with it."""

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from presswatch.cli.completion import watch_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, clock, console, counted, one_line, say, say_json, table
from presswatch.cli.unknown import unknown
from presswatch.errors import DeliveryError, UsageError
from presswatch.watches.mail_address import domain

if TYPE_CHECKING:
    from presswatch.archive.mails import MadeMail
    from presswatch.archive.tables import DeliveryState

app = typer.Typer(help="What was mailed, to whom, and what is wrong with it.", no_args_is_help=True)
_TRIAL = "This is how alerts of presswatch arrive. Nothing was found; somebody tried whether they do."
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The mail's number.")]


@app.command("list")
def list_mails(
    context: typer.Context,
    watch: Annotated[
        str | None, typer.Option("--watch", help="Only those of this watch.", autocompletion=watch_ids)
    ] = None,
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state", help="queued, sending, sent, failed or withheld: with a copy in it; repeatable."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the mails made last."""
    from presswatch.archive import mails

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        made = mails.latest(tx, limit, watch, _states(states))
    # What was removed has left its mails behind.
    if watch is not None and not made:
        config = place.load()
        ids = [*(one.id for one in config.watches), *(one.id for one in config.reviews)]
        if watch not in ids:
            raise unknown("watch or press review", watch, ids, "presswatch watches list")
    if as_json:
        say_json(made)
        return
    from rich.console import Group

    now = datetime.now(UTC)
    # Below each other: the longest id of a watch fills a line of a terminal with 80 columns.
    shown = table("mail", "watch, subject, copies", right=("mail",))
    for one in made:
        copies = [one_line(f"{copy.state:<8} {copy.recipient}", "dim") for copy in one.deliveries]
        when = f"{ago(one.made, now)}, {counted(one.articles, 'article')}"
        shown.add_row(str(one.number), Group(one.watch, one_line(one.subject, "bold"), when, *copies))
    console().print(shown if made else "There is no such mail.")


@app.command("show")
def show_mail(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Show a mail: every article that it tells of or counts, and each recipient's copy."""
    from presswatch.archive import mails

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        mail = mails.get(tx, number)
        told, happened = mails.told(tx, number), mails.happened(tx, number)
    if mail is None:
        raise UsageError(f"there is no mail {number}; presswatch mails list shows the latest")
    if as_json:
        say_json({"mail": mail, "told": told, "happened": happened})
        return
    out = console()
    out.print(mail.subject, style="bold", markup=False)
    out.print(f"watch {mail.watch}, made {clock(mail.made, 'UTC')}", markup=False)
    _print_copies(mail)
    out.print()
    for one in told:
        late = ", old when first seen" if one.late else ""
        out.print(f"{clock(one.time, 'UTC')}  {one.source}{late}", markup=False)
        out.print(f"  {one.title}\n  {one.url}", markup=False)
    for event in happened:
        out.print(f"{clock(event.seen, 'UTC')}  {event.kind}", markup=False)
        if event.url:
            out.print(f"  {event.title}\n  {event.url}", markup=False)


@app.command()
def retry(
    context: typer.Context,
    numbers: Annotated[
        list[int] | None,
        typer.Argument(metavar="NUMBER", help="Mails' numbers; all that failed, without."),
    ] = None,
) -> None:
    """Have copies that failed or wait sent now by the daemon."""
    from presswatch.archive import alerts, mails

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        _check_known([mails.get(tx, number) is not None for number in numbers or ()], numbers or ())
        count = mails.retry(tx, numbers or (), datetime.now(UTC))
        # Whoever asks thinks that the server works again.
        alerts.resume_all(tx)
    say(f"{counted(count, 'copy', 'copies')} to be sent again by the daemon")


@app.command()
def drop(
    context: typer.Context,
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER", help="Mails' numbers.")],
) -> None:
    """Give up copies that wait to be sent; what they told of stays told."""
    from presswatch.archive import mails

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        _check_known([mails.get(tx, number) is not None for number in numbers], numbers)
        count = mails.drop(tx, numbers)
    say(f"{counted(count, 'copy', 'copies')} given up; presswatch mails retry sends them after all")


@app.command("test")
def try_out(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Whom the trial goes to: a mail address or a channel.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", help="The same: a mail address, or the id of a channel in `channels`.")
    ] = "",
) -> None:
    """Send a trial now, as alerts are sent, and tell what the server says."""
    from presswatch.archive.alerts import MAIL, Mail, channel_of
    from presswatch.model import MailKind
    from presswatch.watches.channels import channel_for
    from presswatch.watches.channels.message import message_of
    from presswatch.watches.notification import Notification

    recipient = to or address
    if not recipient or (to and address):
        raise UsageError("say whom the trial goes to: a mail address, or the id of one of `channels`")
    place: Place = context.obj
    config = place.load()
    by = channel_of(recipient)
    if by != MAIL and by not in config.channels:
        raise unknown("channel", by, config.channels)
    now = datetime.now(UTC)
    mail = Mail(
        id=0,
        number=0,
        watch="test",
        recipient=recipient,
        message_id=f"<{uuid4().hex}@{domain(config.mail.sender)}>",
        closed=now,
        subject="presswatch: a trial",
        text=f"{_TRIAL}\n",
        html=f"<p>{_TRIAL}</p>",
        owner="",
        answers="",
        attempts=1,
        created=now,
        told="",
    )
    trial = Notification(mail, "presswatch", MailKind.TRIAL)
    if by == MAIL:
        try:
            message_of(trial, config.mail.sender)
        except DeliveryError as error:
            raise UsageError(f"{recipient}: {error}") from error
    channel = channel_for(config.mail, place.data) if by == MAIL else config.channels[by].open(by)
    with closing(channel):
        path = channel.send(trial)
    say(f"written: {path}" if path else f"the server took it for {recipient}")


@app.command()
def bounces(
    context: typer.Context,
    path: Annotated[
        str,
        typer.Argument(metavar="FILE", help="An mbox file, a Maildir or one message; - for standard input."),
    ],
    as_json: AsJson = False,
) -> None:
    """Read what mail servers sent back, and mark the copies as failed that did not arrive."""
    from presswatch.archive import mails
    from presswatch.watches.bounces import read_bounces

    place: Place = context.obj
    counts = {"messages": 0, "failed": 0, "known": 0, "unknown": 0, "other": 0}
    failed = []
    now = datetime.now(UTC)
    with place.archive() as archive:
        for bounce in read_bounces(path):
            counts["messages"] += 1
            if bounce is None:
                counts["other"] += 1
                continue
            with archive.writing() as tx:
                outcome, copy = mails.keep_bounce(tx, bounce.id, bounce.message_ids, bounce.said, now)
            counts[outcome] += 1
            if outcome == "failed" and copy is not None:
                failed.append({"mail": copy[0], "recipient": copy[1], "reason": bounce.said})
    if as_json:
        say_json(counts | {"copies": failed})
        return
    for one in failed:
        say(f"mail {one['mail']} to {one['recipient']}: {one['reason']}")
    say(
        f"{counted(counts['messages'], 'message')} read: "
        f"{counted(counts['failed'], 'copy', 'copies')} marked as failed, "
        f"{counts['known']} read before, {counts['unknown']} of mails that are not in this archive, "
        f"{counts['other']} that tell of no failure"
    )


def _check_known(known: list[bool], numbers: "list[int] | tuple[int, ...]") -> None:
    missing = [str(number) for number, is_known in zip(numbers, known, strict=True) if not is_known]
    if missing:
        raise UsageError(f"there is no mail {', '.join(missing)}; presswatch mails list shows the latest")


def _states(asked: list[str] | None) -> "list[DeliveryState]":
    from presswatch.archive.tables import DeliveryState

    known = {state.value: state for state in DeliveryState}
    for one in asked or ():
        if one not in known:
            raise unknown("state", one, known)
    return [known[one] for one in asked or ()]


def _print_copies(mail: "MadeMail") -> None:
    languages = {copy.language for copy in mail.deliveries}
    for copy in mail.deliveries:
        language = f" ({copy.language})" if len(languages) > 1 else ""
        when = f" {clock(copy.sent, 'UTC')}" if copy.sent else ""
        said = f" ({copy.said})" if copy.said else ""
        where = f", {copy.path}" if copy.path else ""
        console().print(f"  to {copy.recipient}{language}: {copy.state}{when}{where}{said}", markup=False)
