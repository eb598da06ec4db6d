"""One address written in two ways is one address; two addresses stay two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch import urls

BASE = "https://gazette.example/news/today.html"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTPS://Gazette.EXAMPLE:443/a", "https://gazette.example/a"),
        ("http://gazette.example:8080/a", "http://gazette.example:8080/a"),
        ("story.html", "https://gazette.example/news/story.html"),
        ("/story", "https://gazette.example/story"),
        ("//cdn.gazette.example/x", "https://cdn.gazette.example/x"),
        ("https://gazette.example", "https://gazette.example/"),
        ("/a/../b/./c/", "https://gazette.example/b/c/"),
        ("/../../x", "https://gazette.example/x"),
        ("/a#comments", "https://gazette.example/a"),
        ("/a?utm_source=x&id=7&fbclid=y", "https://gazette.example/a?id=7"),
        ("/a?b=2&a=1", "https://gazette.example/a?b=2&a=1"),
        ("/%7euser/%c3%bc ü", "https://gazette.example/~user/%C3%BC%20%C3%BC"),
        ("/100%", "https://gazette.example/100%25"),
        (" /a\n ", "https://gazette.example/a"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("https://gazette.example./a", "https://gazette.example/a"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_normal_forms(written: str, normal: str) -> None:
    assert urls.normalize(written, BASE) == normal


@pytest.mark.parametrize(
    "written",
    [
        "mailto:desk@gazette.example",
        "javascript:void(0)",
        "file:///etc/passwd",
        "ftp://gazette.example/",
        "https://user:secret@gazette.example/",
        "https://gazette.example:99999/",
        "http://[::1/",
        "https://exa mple.org/",
    ],
)
def test_what_is_no_address_of_a_page(written: str) -> None:
    assert urls.normalize(written, BASE) is None


@given(st.text(st.characters() | st.sampled_from("/%.?&=#:@[]"), max_size=60))
def test_normal_forms_are_fixed_points_and_nothing_raises(text: str) -> None:
    for written in (text, f"https://gazette.example/{text}", f"https://{text}/"):
        normal = urls.normalize(written, BASE)
        assert normal is None or urls.normalize(normal) == normal


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.gazette.co.uk/a", "https://sport.gazette.co.uk/b", True),
        ("https://gazette.co.uk/a", "https://courier.co.uk/a", False),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8001/b", True),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", False),
    ],
)
def test_sites(one: str, other: str, same: bool) -> None:
    assert urls.same_site(one, other) is same


def test_the_unit_of_politeness_is_host_and_port() -> None:
    assert urls.host("https://gazette.example/a") == "gazette.example:443"
    assert urls.host("http://127.0.0.1:8001/") == "127.0.0.1:8001"
    assert urls.host("http://[::1]/") == "[::1]:80"
