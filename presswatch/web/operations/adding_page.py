"""Adding a source: an address, what stands there, and the file that is written when somebody agrees.

The daemon looks at the site, as it alone fetches anything; its answer is kept with the request.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from presswatch import config as configuration
from presswatch import languages, lock, urls
from presswatch.archive import requests, site_facts
from presswatch.archive.requests import Request
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.config import AUTO, Config
from presswatch.config_values import duration
from presswatch.errors import ConfigError, UsageError
from presswatch.model import Facts, from_json
from presswatch.sources import source_ids
from presswatch.sources.entry import same
from presswatch.sources.known import of_site, readers
from presswatch.sources.outlet_catalogue import Outlet, catalogue, find
from presswatch.web.asking import Asked

_SHOWN = 10
# Outlets of the catalogue that are shown at once.
_FOUND = 50


def form(asked: Asked) -> Response:
    """The form for an address, what was looked at last, and outlets that `find` names."""
    return _form(asked, asked.value("address"))


def ask(asked: Asked) -> Response:
    """Ask the daemon to look at the site of the field `address`."""
    given = asked.value("address").strip()
    address = urls.normalize(given) or _with_scheme(given)
    if address is None:
        return _form(
            asked, given, asked.words.gettext("This is no address of a page, like https://news.example/.")
        )
    try:
        with asked.service.archive.writing() as tx:
            number = requests.ask(tx, RequestKind.PROBE, address, asked.reader.name, asked.service.now())
            asked.record(tx, "site.look", address)
    except UsageError as error:
        return _form(asked, given, str(error))
    return asked.go(f"/sources/add/{number}")


def proposal(asked: Asked) -> Response:
    """What was found at an address; as long as nothing was, the page looks again by itself."""
    request = _request(asked)
    if request is None:
        return asked.message(404, asked.words.gettext("There is no such page."))
    said = json.loads(request.answer or "{}")
    return _proposal(asked, request, said, _proposed(said, asked.config))


def confirm(asked: Asked) -> Response:
    """Write the source's file: `id`, `name`, `every`, `language`, `time_zone`, `country`, each `start`.

    `every` is an interval, or `auto`.
    """
    request = _request(asked)
    if request is None or request.state is not RequestState.ANSWERED:
        return asked.message(404, asked.words.gettext("There is no such page."))
    said = json.loads(request.answer)
    names = ("id", "name", "every", "language", "time_zone", "country")
    given: dict[str, Any] = {name: asked.value(name).strip() for name in names}
    given["start"] = asked.form.get("start", [])
    if fault := _fault(asked, said, given):
        return _proposal(asked, request, said, given, fault)
    facts = from_json(Facts, json.dumps(said["facts"]))
    try:
        # A busy archive is noticed before the file is there, and a wrong file takes the facts back.
        with asked.service.archive.writing() as tx:
            site_facts.keep(tx, given["id"], facts, asked.service.now())
            asked.record(tx, "source.add", given["id"])
            configuration.write_source(asked.service.configured.folder, given["id"], _values(given))
    except ConfigError as error:
        return _proposal(asked, request, said, given, asked.unsaved(error))
    return asked.go(f"/sources/{given['id']}?done=added")


def _with_scheme(given: str) -> str | None:
    """What is meant by an address as people write it, like news.example."""
    is_bare = "." in given and "://" not in given
    return urls.normalize(f"https://{given}") if is_bare else None


def _form(asked: Asked, address: str, fault: str = "") -> Response:
    with asked.service.archive.reading() as tx:
        latest = requests.latest(tx, RequestKind.PROBE, limit=_SHOWN)
    wanted, known = asked.value("find").strip(), catalogue()
    found = find(known.outlets, wanted, ("en", asked.words.language)) if wanted else []
    return asked.page(
        "add_source",
        400 if fault else 200,
        find=wanted,
        found=[_found(asked, one) for one in found[:_FOUND]],
        more=len(found[_FOUND:]),
        made=languages.day(known.made, asked.words.language),
        address=address,
        fault=fault,
        latest=latest,
        daemon=lock.holder(asked.service.data),
        now=asked.service.now(),
        zone=asked.config.time_zone,
    )


def _found(asked: Asked, one: Outlet) -> dict[str, Any]:
    """An outlet of the catalogue as the page shows it, with the sources that read its site."""
    language = asked.words.language
    country, spoken = languages.country_name(one.country, language), languages.name_of(one.language, language)
    query = urlencode({"address": one.home})
    sources = of_site(asked.config, [one.home])
    return {"outlet": one, "country": country, "language": spoken, "query": query, "sources": sources}


def _request(asked: Asked) -> Request | None:
    number = asked.request.path_params["number"]
    if not number.isdecimal() or len(number) > 18:
        return None
    with asked.service.archive.reading() as tx:
        found = requests.get(tx, int(number))
    return found if found is not None and found.kind is RequestKind.PROBE else None


def _proposed(said: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """The fields of the form as the daemon proposes them."""
    source = said.get("source") or {}
    read_by = readers(config)
    return {
        "id": _free(said, config),
        "name": source.get("name", ""),
        "every": _every(source.get("schedule", "")),
        "language": source.get("language", ""),
        "time_zone": source.get("time_zone", ""),
        "country": source.get("country", ""),
        "start": [start for start in source.get("start", []) if same(start) not in read_by],
    }


def _free(said: Mapping[str, Any], config: Config) -> str:
    """An id for what was found that no source has; "" where nothing was."""
    taken = {source.id for source in config.sources}
    if "url" not in said:
        return ""
    site = (said.get("source") or {}).get("site") or said["url"]
    return source_ids.free(site, said.get("name", ""), taken)


def _fault(asked: Asked, said: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Why no file can be made of what was given; "" when it can."""
    words = asked.words
    if asked.config.source(given["id"]):
        return words.gettext("There is a source %(id)s already: choose another id.", id=given["id"])
    if not given["start"]:
        return words.gettext("Choose one start page at least.")
    if not set(given["start"]) <= {start["url"] for start in said["starts"]}:
        return words.gettext("Choose start pages of this proposal.")
    read_by = readers(asked.config)
    if known := next((start for start in given["start"] if same(start) in read_by), ""):
        return words.gettext(
            "%(url)s is read by the source %(id)s already: a page is read by one source.",
            url=words.isolated(known),
            id=read_by[same(known)],
        )
    if given["every"] == AUTO:
        return ""
    try:
        duration(given["every"])
    except ValueError as error:
        return f"{given['every']}: {error}"
    return ""


def _every(schedule: Any) -> str:
    """A proposed schedule as the form has it; what was looked at before this version proposes an interval."""
    return str(schedule.get("every", "")) if isinstance(schedule, dict) else str(schedule)


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says."""
    starts: Sequence[str] = given["start"]
    schedule = AUTO if given["every"] == AUTO else {"every": given["every"]}
    values = {"name": given["name"], "start": list(starts), "schedule": schedule}
    return values | {name: given[name] for name in ("language", "time_zone", "country") if given[name]}


def _proposal(
    asked: Asked, request: Request, said: Mapping[str, Any], given: Mapping[str, Any], fault: str = ""
) -> Response:
    config = asked.config
    read_by, starts = readers(config), [start["url"] for start in said.get("starts", ())]
    return asked.page(
        "proposal",
        400 if fault else 200,
        asked_for=request,
        said=said,
        given=given,
        fault=fault,
        read_by={start: config.source(read_by[same(start)]) for start in starts if same(start) in read_by},
        of_site=of_site(config, [(said.get("source") or {}).get("site") or request.subject, *starts]),
        daemon=lock.holder(asked.service.data),
        is_taken=request.state is RequestState.TAKEN,
        now=asked.service.now(),
        zone=asked.config.time_zone,
    )
