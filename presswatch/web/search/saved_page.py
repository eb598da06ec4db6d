"""Saved searches: a reader's own, which they rename, share and remove, and those of the configuration."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.responses import Response

from presswatch.archive import saved_searches
from presswatch.archive.saved_searches import SavedSearch, SearchFault, SearchRefused
from presswatch.config import search_origin
from presswatch.config.models import SavedSearch as ConfiguredSearch
from presswatch.errors import UnavailableError
from presswatch.text.folding import fold
from presswatch.watches.safe_text import single_line
from presswatch.watches.wording import Wording
from presswatch.web.asking import Asked
from presswatch.web.page import Service
from presswatch.web.paging import part
from presswatch.web.search.facet_list import Names
from presswatch.web.search.search_address import SearchAddress
from presswatch.web.search.search_page import Chip, chips_of, feed_of, understood_of, watch_query

_ON_A_PAGE = 40

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Row:
    """A search as it is listed: its query as it was written, `path` where it is shown, `place` file and
    line of a configured one.

    `fault` is why its query is not understood any more, "" where it is. `feed` is "" for one that has none,
    and `watch` the query of a watch of it, "" for who may make none.
    """

    name: str
    query: str
    address: SearchAddress
    path: str
    chips: tuple[Chip, ...]
    fault: str
    feed: str
    watch: str
    saved: SavedSearch | None = None
    place: str = ""


def listing(asked: Asked) -> Response:
    """The reader's searches: `find` chooses by words of name and address, `sort` is `used` or `name`, `page`
    counts from 1; then those of the configuration."""
    return _listed(asked)


def save(asked: Asked) -> Response:
    """Form fields `name` and `address`, as the search page writes it; with `replace` the search that has the
    name already gets it. Leads back to the search."""
    address, name = SearchAddress.from_saved(asked.value("address")), _name(asked)
    try:
        with asked.service.archive.writing() as tx:
            saved = saved_searches.save(
                tx,
                asked.reader.name,
                name,
                address.saved_as,
                asked.service.now(),
                replace=bool(asked.value("replace")),
            )
            asked.record(tx, "search.save", saved.name, query=address.query)
    except SearchRefused as refused:
        return _not_saved(asked, address, name, refused)
    return asked.go(address.behind("").path())


def show(asked: Asked) -> Response:
    """Lead to a search of the reader, or of whoever shared it, and note that it was opened."""
    id_ = asked.request.path_params["search"]
    with asked.service.archive.reading() as tx:
        found = saved_searches.shared(tx, id_)
    if found is None:
        return _gone(asked)
    if found.account != asked.reader.name:
        return asked.go(f"/searches/shared/{id_}")
    response = asked.go(SearchAddress.from_saved(found.address).path())
    response.background = BackgroundTask(_note_use, asked.service, id_)
    return response


def rename(asked: Asked) -> Response:
    """Form field `name`."""
    id_, name = asked.request.path_params["search"], _name(asked)

    def change(tx: Connection) -> None:
        before = saved_searches.rename(tx, asked.reader.name, id_, name)
        if before.name != name:
            asked.record(tx, "search.rename", before.name, to=name)

    return _changed(asked, change, "rename")


def remove(asked: Asked) -> Response:
    """Remove a search of the reader."""
    id_ = asked.request.path_params["search"]

    def change(tx: Connection) -> None:
        gone = saved_searches.remove(tx, asked.reader.name, id_)
        # Whoever misses it finds here what it asked for.
        asked.record(tx, "search.remove", gone.name, address=gone.address)

    return _changed(asked, change, "remove")


def shared(asked: Asked) -> Response:
    """A search that somebody shares: what it asks for, and a form to have it among one's own."""
    with asked.service.archive.reading() as tx:
        found = saved_searches.shared(tx, asked.request.path_params["search"])
    if found is None:
        return _gone(asked)
    names = Names(asked.config, asked.service.archive, asked.words.language)
    row = _own(asked, found, names)
    is_own = found.account == asked.reader.name
    return asked.page("shared_search", row=row, is_own=is_own, longest_name=saved_searches.LONGEST_NAME)


def _changed(asked: Asked, change: Callable[[Connection], None], done: str) -> Response:
    try:
        with asked.service.archive.writing() as tx:
            change(tx)
    except SearchRefused as refused:
        if refused.fault is SearchFault.GONE:
            return _gone(asked)
        return _listed(asked, 409, said(refused, asked.words))
    return asked.go(f"/searches?done={done}")


def _listed(asked: Asked, status: int = 200, fault: str = "") -> Response:
    order: saved_searches.Order = "name" if asked.value("sort") == "name" else "used"
    find = asked.request.query_params.get("find", "").strip()
    wanted = fold(find).split()
    with asked.service.archive.reading() as tx:
        mine = saved_searches.of_account(tx, asked.reader.name, order)
    chosen = [one for one in mine if _has_words(f"{one.name} {_plain(one.address)}", wanted)]
    given = [one for one in asked.config.searches if _has_words(f"{one.id} {one.name} {one.query}", wanted)]
    shown = part(chosen, asked.request.query_params.get("page", ""), _ON_A_PAGE)
    names = Names(asked.config, asked.service.archive, asked.words.language)
    words = asked.words
    done = {"rename": words.gettext("It has another name."), "remove": words.gettext("It was removed.")}
    return asked.page(
        "searches",
        status,
        rows=[_own(asked, one, names) for one in shown.rows],
        configured=[_configured(asked, one, names) for one in given[:_ON_A_PAGE]],
        more_configured=max(len(given) - _ON_A_PAGE, 0),
        saved=len(mine),
        found=len(chosen),
        find=find,
        order=order,
        part=shown,
        base=asked.config.web.public_url or str(asked.request.base_url).rstrip("/"),
        done=done.get(asked.request.query_params.get("done", ""), ""),
        fault=fault,
        longest_name=saved_searches.LONGEST_NAME,
        zone=asked.config.time_zone,
    )


def _own(asked: Asked, search: SavedSearch, names: Names) -> Row:
    address = SearchAddress.from_saved(search.address)
    return _row(asked, search.name, address, names, path=f"/searches/{search.id}", saved=search)


def _configured(asked: Asked, search: ConfiguredSearch, names: Names) -> Row:
    folder = asked.service.configured.folder
    origin, address = search_origin(folder, search.id), SearchAddress(query=f"@{search.id}")
    place = f"{origin.path.relative_to(folder)}:{origin.lines.get(('query',), 1)}" if origin else ""
    row = _row(asked, search.name, address, names, path=address.path(), place=place)
    return replace(row, query=f"@{search.id}: {search.query}")


def _row(
    asked: Asked,
    name: str,
    address: SearchAddress,
    names: Names,
    *,
    path: str,
    saved: SavedSearch | None = None,
    place: str = "",
) -> Row:
    _query, fault = understood_of(address, asked)
    return Row(
        name=name,
        query=address.query,
        address=address,
        path=path,
        chips=tuple(chips_of(address, names, asked.words)),
        fault=fault.reason if fault else "",
        feed="" if fault else feed_of(address, asked),
        watch="" if fault else watch_query(address, asked),
        saved=saved,
        place=place,
    )


def _not_saved(asked: Asked, address: SearchAddress, name: str, refused: SearchRefused) -> Response:
    """Why it is not, with what was asked for and the name, to be sent again."""
    names = Names(asked.config, asked.service.archive, asked.words.language)
    there = _own(asked, refused.there, names) if refused.there else None
    return asked.page(
        "not_saved",
        409 if refused.there else 400,
        row=_row(asked, name, address, names, path=address.path()),
        there=there,
        fault=said(refused, asked.words),
        longest_name=saved_searches.LONGEST_NAME,
    )


def said(refused: SearchRefused, words: Wording) -> str:
    """Why a search cannot be saved so."""
    told = {
        SearchFault.NAME: words.gettext(
            "A name has at least one letter or digit, and at most 100 characters."
        ),
        SearchFault.TAKEN: words.gettext("You have a saved search of this name already."),
        SearchFault.MANY: words.gettext("You have 1,000 saved searches. Remove one first."),
        SearchFault.LONG: words.gettext("This search is too long to be saved. Make a watch of its query."),
        SearchFault.GONE: words.gettext("There is no such saved search."),
    }
    return told[refused.fault]


def _gone(asked: Asked) -> Response:
    words = asked.words
    return asked.message(
        404, words.gettext("There is no such saved search: it was removed, or its address was cut off.")
    )


def _note_use(service: Service, id_: str) -> None:
    """After the answer, as no reader waits for the archive's writers because of it."""
    try:
        with service.archive.writing() as tx:
            saved_searches.note_use(tx, id_, service.now())
    except UnavailableError as error:
        log.info("the use of a saved search is not noted", reason=str(error))


def _name(asked: Asked) -> str:
    return single_line(asked.value("name"))


def _plain(address: str) -> str:
    return " ".join(value for _name, value in SearchAddress.from_saved(address).parameters)


def _has_words(text: str, wanted: list[str]) -> bool:
    folded = fold(text)
    return all(word in folded for word in wanted)
