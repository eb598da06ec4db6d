"""The bodies of an article's further pages as one compressed value: each behind its length."""

import zlib
from collections.abc import Sequence

_LENGTH = 8


def pack(bodies: Sequence[bytes]) -> bytes | None:
    """None for none."""
    if not bodies:
        return None
    return zlib.compress(b"".join(len(body).to_bytes(_LENGTH, "big") + body for body in bodies), 6)


def unpack(packed: bytes | None) -> tuple[bytes, ...]:
    if packed is None:
        return ()
    rest, bodies = memoryview(zlib.decompress(packed)), []
    while rest:
        end = _LENGTH + int.from_bytes(rest[:_LENGTH], "big")
        bodies.append(bytes(rest[_LENGTH:end]))
        rest = rest[end:]
    return tuple(bodies)
