"""What the daemon's steps do, in words."""

from presswatch.watches.wording import Wording


def step_said(name: str, words: Wording) -> str:
    """What a step does; one that this version does not know by its name."""
    said = {
        "configuration": words.gettext("Reading the configuration"),
        "runs by hand": words.gettext("Runs that pages ask for"),
        "healings": words.gettext("Looks where the articles of sources are listed now"),
        "probes": words.gettext("Looks at sites that pages ask for"),
        "imports": words.gettext("Looks at lists of sources that pages ask for"),
        "pushes": words.gettext("Runs that pushes of hubs lead to"),
        "hubs": words.gettext("Asking hubs for pushes"),
        "plan": words.gettext("Planning what is due"),
        "tags": words.gettext("Tags of sources"),
        "handover": words.gettext("Letting go of what dead crawlers had in hand"),
        "health": words.gettext("Judging whether sources are well"),
        "sweep": words.gettext("Looking for processes that were left behind"),
        "index": words.gettext("Indexing"),
        "match": words.gettext("Matching articles with watches"),
        "rhythm": words.gettext("Watching for spikes and silence"),
        "digest": words.gettext("Making mails"),
        "reviews": words.gettext("Making press reviews"),
        "removed channels": words.gettext("Giving up what waits for channels that were removed"),
        "send": words.gettext("Sending mails"),
        "housekeeping": words.gettext("Letting go of what need not be kept"),
        "alarms": words.gettext("Telling operators what is wrong"),
        "heartbeat": words.gettext("Telling a service elsewhere that all is well"),
        "web": words.gettext("Serving the pages"),
    }
    kind, _blank, which = name.partition(" ")
    if name in said:
        return said[name]
    if kind == "send":
        return words.gettext("Sending by %(channel)s", channel=words.isolated(which))
    if kind == "crawl":
        return words.gettext("Crawling, process %(number)s", number=which)
    return name
