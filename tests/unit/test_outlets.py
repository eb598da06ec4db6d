"""Whose article it is: the sources on whose own site it stands, of those that found it."""

import pytest

from presswatch.outlets import outlets

HOSTS = {
    "daily": ("www.example.com:443",),
    "sport": ("www.example.com:443", "feeds.example.com:443"),
    "visao": ("visao.example.org:443",),
    "expresso": ("expresso.example.org:443",),
    "digest": ("feeds.collector.example:443",),
    "intranet": ("127.0.0.1:8081",),
    "neighbour": ("127.0.0.1:8082",),
    "six": ("[::1]:8083",),
    "bücher": ("xn--bcher-kva.example:80",),
}


@pytest.mark.parametrize(
    ("url", "finders", "whose"),
    [
        # Who only links to it is none, in whatever order they found it.
        ("https://www.example.com/a", ["visao", "daily"], ["daily"]),
        # With and without www., by http or https: one site.
        ("http://example.com/a", ["daily", "visao"], ["daily"]),
        # Another host of the same publisher.
        ("https://m.example.com/a", ["expresso", "daily"], ["daily"]),
        # Two sources of one outlet both have it.
        ("https://www.example.com/a", ["sport", "daily", "digest"], ["sport", "daily"]),
        # Two outlets below one domain: the very host decides.
        ("https://visao.example.org/a", ["expresso", "visao"], ["visao"]),
        # Nobody's site: who lists it stands for it, as nothing better is known.
        ("https://elsewhere.example/a", ["digest", "daily"], ["digest", "daily"]),
        ("https://www.example.com/a", ["digest"], ["digest"]),
        # Ports tell sites of one address apart.
        ("http://127.0.0.1:8082/a", ["intranet", "neighbour"], ["neighbour"]),
        ("http://[::1]:8083/a", ["intranet", "six"], ["six"]),
        ("https://xn--bcher-kva.example/a", ["daily", "bücher"], ["bücher"]),
        # A source that is configured no more, of which no host is known.
        ("https://gone.example/a", ["gone"], ["gone"]),
    ],
)
def test_an_article_is_of_the_sources_whose_own_site_it_stands_on(
    url: str, finders: list[str], whose: list[str]
) -> None:
    assert outlets(url, finders, HOSTS) == tuple(whose)
