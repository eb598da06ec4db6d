"""Bodies of pages in the archive, those that earlier versions wrote included."""

import zlib

from hypothesis import example, given
from hypothesis import strategies as st

from presswatch.archive import bodies


@given(st.binary())
@example(b"\x28\xb5\x2f\xfd")
def test_a_body_comes_back_as_it_was(body: bytes) -> None:
    assert bodies.decompress(bodies.compress(body)) == body


@given(st.binary())
def test_a_body_of_an_earlier_version_is_read(body: bytes) -> None:
    assert bodies.decompress(zlib.compress(body, 6)) == body


@given(st.lists(st.binary()))
def test_further_bodies_come_back_in_their_order(further: list[bytes]) -> None:
    assert bodies.deserialise(bodies.serialise(further)) == tuple(further)
