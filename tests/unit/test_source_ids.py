"""What a source is called where nobody chose its id."""

import pytest

from presswatch.config_values import identifier
from presswatch.sources import source_ids

# An address, the outlet's name, and the ids that it has where each one before is taken.
IDS = [
    ("https://www.news.example/feed", "The News", ["news-example", "news-example-the-news"]),
    ("https://news.example:8443/", "news.example", ["news-example", "news-example-2"]),
    ("http://gazette/", "", ["gazette", "gazette-2"]),
    ("http://10.0.3.7/", "Kölner Straßenblatt", ["kolner-strassenblatt", "kolner-strassenblatt-2"]),
    ("http://127.0.0.1:8001/", "127.0.0.1", ["site-127-0-0-1-8001", "site-127-0-0-1-8001-2"]),
    ("http://127.0.0.1:8001/", "港口日报 5", ["site-127-0-0-1-8001"]),
    ("http://[::1]:8080/rss", "", ["site-1-8080"]),
    ("http://localhost:9000/", "El Faro", ["el-faro"]),
    ("https://xn--e1afmkfd.example/", "", ["xn-e1afmkfd-example"]),
    ("http://10.0.3.7/", "a long name that never seems to end " * 5, []),
    ("https://" + "a" * 60 + ".example/", "Some News", []),
]


@pytest.mark.parametrize(("url", "name", "expected"), IDS)
def test_an_id_is_readable_and_free(url: str, name: str, expected: list[str]) -> None:
    taken: list[str] = []
    for _ in range(5):
        taken.append(identifier(source_ids.free(url, name, taken)))
    assert len(set(taken)) == 5
    assert taken[: len(expected)] == expected
