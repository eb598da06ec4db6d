"""The bodies of an article's further pages as one value: zlib of each body behind its length in bytes."""

import zlib
from collections.abc import Sequence

# Bytes of the length, big-endian.
_LENGTH_BYTES = 8


def serialise(bodies: Sequence[bytes]) -> bytes | None:
    """The column's value; None for no bodies."""
    if not bodies:
        return None
    return zlib.compress(b"".join(len(body).to_bytes(_LENGTH_BYTES, "big") + body for body in bodies), 6)


def deserialise(serialised: bytes | None) -> tuple[bytes, ...]:
    """The bodies in their order, from the column's value."""
    if serialised is None:
        return ()
    rest, bodies = memoryview(zlib.decompress(serialised)), []
    while rest:
        end = _LENGTH_BYTES + int.from_bytes(rest[:_LENGTH_BYTES], "big")
        bodies.append(bytes(rest[_LENGTH_BYTES:end]))
        rest = rest[end:]
    return tuple(bodies)
