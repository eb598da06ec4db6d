"""The page that tells why a watch told of an article, or did not: what `presswatch why` tells."""

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch import urls
from presswatch.archive import alerts, articles, removals
from presswatch.errors import UsageError
from presswatch.watches.trace import Trace, trace
from presswatch.watches.wording import Wording
from presswatch.web.access import Role
from presswatch.web.asking import Asked

# These steps name recipients, who are no reader's business.
_OF_RECIPIENTS = ("sent",)


def why(asked: Asked) -> Response:
    """The whole way of the page at `url`, an address or an article's id, to `watch` or to all that match."""
    given, watch = asked.value("url").strip(), asked.value("watch")
    archive, config, words = asked.service.archive, asked.config, asked.words
    with archive.reading() as tx:
        former = sorted(alerts.watch_ids(tx) - {one.id for one in config.watches})
        address = _address(tx, given)
        removal = removals.removal_of(tx, address) if address else None
    found, fault = None, ""
    if given and not address:
        fault = words.gettext("This is neither a web address (https://…) nor the id of an article.")
    elif address:
        try:
            found = trace(archive, config, address, watch or None, asked.service.now(), words.language)
        except UsageError:
            fault = words.gettext("There is no such watch.")
    with archive.reading() as tx:
        record = articles.get(tx, found.address) if found else None
    choices = [(one.id, one.name) for one in config.watches] + [(id_, id_) for id_ in former]
    return asked.page(
        "why",
        400 if fault else 200,
        given=given,
        watch=watch,
        choices=choices,
        found=found,
        unseen=() if asked.reader.role >= Role.EDITOR else _OF_RECIPIENTS,
        record=record,
        removal=removal,
        is_unknown=found is not None and _is_unknown(found),
        fault=fault,
        stages=stage_words(words),
        names={one.id: one.name for one in config.watches},
        zone=config.time_zone,
    )


def stage_words(words: Wording) -> dict[str, str]:
    """The stations of an article's way, for people."""
    return {
        "found": words.gettext("Found"),
        "fetched": words.gettext("Fetched"),
        "article": words.gettext("Article"),
        "published": words.gettext("Published"),
        "vanished": words.gettext("Vanished"),
        "story": words.gettext("Story"),
        "watch": words.gettext("Watch"),
        "sources": words.gettext("Sources"),
        "clause": words.gettext("Part of the query"),
        "matched": words.gettext("Matched"),
        "late": words.gettext("Late"),
        "edit": words.gettext("Edit"),
        "outlet": words.gettext("Further outlet"),
        "related": words.gettext("Related article"),
        "spike": words.gettext("Spike"),
        "silence": words.gettext("Silence"),
        "mail": words.gettext("Mail"),
        "sent": words.gettext("Sent"),
    }


def _address(tx: Connection, given: str) -> str:
    """What somebody typed as an address or an article's id; "" where it is neither, as `javascript:` is."""
    if not given or articles.get(tx, given) is not None or removals.removal_of(tx, given) is not None:
        return given
    address = given if "://" in given else f"https://{given}"
    host = urls.host(address) if urls.normalize(address) else ""
    return address if "." in host else ""


def _is_unknown(found: Trace) -> bool:
    """Whether nothing was ever heard of the address: no link, no fetch, no article."""
    return not any(step.ok or step.stage == "fetched" for step in found.steps)
