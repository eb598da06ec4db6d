"""Forms with files, as browsers send them (multipart/form-data, RFC 7578), of a body that is bounded."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))""", re.IGNORECASE)
_PARAMETER = re.compile(rb"""\b(name|filename)="((?:[^"\\]|\\.)*)\"""", re.IGNORECASE)
_MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form. `name` is what its reader's machine calls it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent: its fields, and its files; a file that was not chosen is none."""

    fields: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)


def is_with_files(content_type: str) -> bool:
    return content_type.lower().startswith("multipart/form-data")


def sent(body: bytes, content_type: str) -> Sent:
    """What such a body holds; what is not as browsers write it is left out."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    files: dict[str, Upload] = {}
    for name, file, content in _parts(body, content_type):
        if file is None:
            fields[name].append(content.decode(errors="replace"))
        elif file or content:
            files.setdefault(name, Upload(file, content))
    return Sent(fields, files)


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, str | None, bytes]]:
    """Name, name of the file if it is one, and content of each part."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        return
    mark = b"\r\n--" + (found[1] or found[2]).encode(errors="replace")
    # What stands before the first mark and behind the last is no part.
    for part in (b"\r\n" + body).split(mark, _MOST_PARTS)[1:]:
        head, end, content = part.partition(b"\r\n\r\n")
        if not end or part.startswith(b"--"):
            continue
        said = {key.lower(): value for key, value in _PARAMETER.findall(head)}
        if b"name" in said:
            file = said.get(b"filename")
            yield _text(said[b"name"]), None if file is None else _text(file), content


def _text(value: bytes) -> str:
    return value.decode(errors="replace").replace("%22", '"')
