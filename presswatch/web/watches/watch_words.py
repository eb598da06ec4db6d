"""What a watch is and does, in a reader's words."""

from collections.abc import Iterator
from datetime import datetime

from presswatch import languages
from presswatch.archive.alerts import FOR_EVER, WatchState
from presswatch.archive.tables import DeliveryState
from presswatch.config import Config, Digest, Every, Watch
from presswatch.config_values import say_duration
from presswatch.watches.wording import Wording


def delivery(config: Config, watch: Watch, words: Wording) -> list[str]:
    """When and how its mails leave, a sentence each."""
    return list(_delivery(config, watch, words))


def _delivery(config: Config, watch: Watch, words: Wording) -> Iterator[str]:
    match watch.deliver:
        case Digest():
            yield words.gettext(
                "A digest at the times %(cron)s, in the zone %(zone)s.",
                cron=words.isolated(watch.deliver.cron),
                zone=words.isolated(watch.time_zone or config.time_zone),
            )
        case Every():
            span = words.isolated(say_duration(watch.deliver.every))
            yield words.gettext("A digest every %(span)s, if there is news.", span=span)
        case _:
            at_once = config.collecting(watch)
            assert at_once.collect is not None
            assert at_once.gap is not None
            yield words.gettext(
                "At once: %(collect)s after the first news, and %(gap)s after the mail before.",
                collect=words.isolated(say_duration(at_once.collect)),
                gap=words.isolated(say_duration(at_once.gap)),
            )
    if watch.quiet:
        yield words.gettext(
            "Quiet from %(start)s to %(end)s, in the zone %(zone)s.",
            start=words.isolated(f"{watch.quiet.start:%H:%M}"),
            end=words.isolated(f"{watch.quiet.end:%H:%M}"),
            zone=words.isolated(watch.time_zone or config.time_zone),
        )
    if watch.at_most:
        yield words.gettext("At most %(limit)s.", limit=words.isolated(str(watch.at_most)))
    if watch.nil_report:
        yield words.gettext("A mail also says when nothing was found.")


def labels(words: Wording) -> dict[str, str]:
    """The fields of the form of a watch, by their names."""
    return {
        "name": words.gettext("Name"),
        "query": words.gettext("Query"),
        "recipients": words.gettext("Recipients"),
        "language": words.gettext("Language of the mails"),
        "owner": words.gettext("Owner"),
        "way": words.gettext("Mails leave"),
        "every": words.gettext("Every"),
        "cron": words.gettext("At these times"),
        "quiet": words.gettext("Quiet hours"),
        "at_most": words.gettext("At most"),
        "time_zone": words.gettext("Time zone"),
        "tells": words.gettext("Tells of"),
        "silence": words.gettext("Nothing found for"),
        "backfill": words.gettext("Looks back once"),
    }


def ways(words: Wording) -> dict[str, str]:
    """When mails may leave, by what the form sends."""
    return {
        "instant": words.gettext("at once"),
        "every": words.gettext("as a digest every"),
        "cron": words.gettext("as a digest at these times (cron)"),
    }


def kinds(words: Wording) -> dict[str, str]:
    """What a watch may tell of, by the keys of its file."""
    return {
        "matches": words.gettext("New articles that match"),
        "edits": words.gettext("Edits of articles that it matched, and pages that are gone"),
        "outlets": words.gettext("Further outlets that take up a story of which it told"),
        "related": words.gettext("New articles that one it matched links to as related"),
        "spikes": words.gettext("Far more hits in an hour than in that hour of the last weeks"),
    }


def told(watch: Watch, words: Wording) -> list[str]:
    """What this watch tells of."""
    said = [name for key, name in kinds(words).items() if getattr(watch.tells, key)]
    if watch.tells.silence:
        span = words.isolated(say_duration(watch.tells.silence))
        said.append(words.gettext("That nothing was found for %(span)s", span=span))
    return said


def state(
    watch: Watch, known: WatchState | None, muted: int, zone: str, now: datetime, words: Wording
) -> list[str]:
    """How it stands with it: off, paused, parts of it muted; nothing where it is at work."""
    said = []
    if not watch.enabled:
        said.append(words.gettext("Off: an example") if watch.is_example else words.gettext("Off"))
    if known is not None and known.paused_until is not None and known.is_paused(now):
        if known.paused_until >= FOR_EVER:
            said.append(words.gettext("Paused until somebody resumes it"))
        else:
            until = words.isolated(languages.clock(known.paused_until, words.language, zone))
            said.append(words.gettext("Paused until %(time)s", time=until))
    if muted:
        said.append(words.ngettext("%(num)s muted", "%(num)s muted", muted))
    return said


def delivery_state(of: DeliveryState, words: Wording) -> str:
    """What became of a copy of a mail."""
    match of:
        case DeliveryState.QUEUED:
            return words.gettext("waits")
        case DeliveryState.SENDING:
            return words.gettext("being sent")
        case DeliveryState.SENT:
            return words.gettext("sent")
        case DeliveryState.FAILED:
            return words.gettext("failed")
        case DeliveryState.WITHHELD:
            return words.gettext("withheld")


def done(what: str, words: Wording) -> str:
    """What was just done to a watch, as addresses name it; "" for anything else."""
    said = {
        "made": words.gettext("The watch was saved: it looks at what appears from now on."),
        "looking-back": words.gettext(
            "The watch was saved: it looks back once, and at what appears from now on."
        ),
        "changed": words.gettext("The watch was saved."),
        "paused": words.gettext("The watch is paused: nothing is mailed, and what is found waits."),
        "resumed": words.gettext("The watch is resumed."),
        "muted": words.gettext("Muted for everybody: no mail of this watch tells of it."),
        "unmuted": words.gettext("Taken back: mails tell of it again."),
        "on": words.gettext("The watch is switched on."),
        "off": words.gettext("The watch is switched off: it looks for nothing."),
        "removed": words.gettext("The watch was removed."),
    }
    return said.get(what, "")
