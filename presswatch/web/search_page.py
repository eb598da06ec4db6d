"""The search page."""

from starlette.responses import Response

from presswatch.query import parse, resolve
from presswatch.web.asking import Asked

_HITS = 20


def search(asked: Asked) -> Response:
    """What matches the query `q`; without one the newest articles."""
    query = asked.value("q").strip()
    config = asked.config
    tree = parse(query or "*", saved=config.saved_queries).tree
    resolved = resolve(tree, asked.service.now(), config.time_zone)
    found = asked.service.index.search(resolved, _HITS, asked.value("after") or None)
    names = {source.id: source.name for source in config.sources}
    return asked.page("search", query=query, found=found, names=names, zone=config.time_zone)
