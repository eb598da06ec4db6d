"""A process that sends mails until it is killed: importable, so that a child can run it."""

import time
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path

from presswatch.archive import Archive
from presswatch.watches.channels.smtp import SmtpChannel, SmtpConfig
from presswatch.watches.outbox import send_step


def send_for_ever(path: Path, config: SmtpConfig, sender: str, now: datetime) -> None:
    channel = SmtpChannel(config, sender)
    with Archive.open(path) as archive:
        while True:
            if not send_step(archive, channel, lambda: now):
                time.sleep(0.01)


def start_sender(path: Path, config: SmtpConfig, sender: str, now: datetime) -> SpawnProcess:
    child = get_context("spawn").Process(target=send_for_ever, args=(path, config, sender, now), daemon=True)
    child.start()
    return child
