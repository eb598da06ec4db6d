"""Everything that a browser shows of a page is in the tree that presswatch reads: the cases by which parsers
of HTML are tested (html5lib's), which `tests/servers/fetch.py` gets.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from servers.fetch import html_cases

from crawler.extract.page.tree import parse
from presswatch.model import Page

SECTIONS = ("data", "errors", "new-errors", "document-fragment", "document", "script-on", "script-off")
# What these hold is not shown, or not to people who run scripts.
HIDDEN = frozenset(
    ("annotation", "annotation-xml", "audio", "canvas", "datalist", "desc", "head", "iframe", "noembed")
) | frozenset(("noframes", "noscript", "object", "script", "style", "template", "title", "video"))


def cases() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each case of a whole page: its file, its bytes as text, and its other sections by name."""
    for path in sorted(html_cases().glob("*.dat")):
        sections: dict[str, list[str]] = {}
        name = ""
        for line in [*path.read_text(encoding="utf-8").split("\n"), "#data"]:
            if line.startswith("#") and line[1:] in SECTIONS:
                name = line[1:]
                if name == "data" and sections:
                    told = {section: "\n".join(lines) for section, lines in sections.items()}
                    if not told.keys() & {"document-fragment", "script-off"}:
                        yield path.name, told["data"], told
                    sections = {}
                sections[name] = []
            elif name:
                sections[name].append(line)


def shown(document: str) -> str:
    """The text that a browser shows of a tree, in the notation of the cases."""
    above: list[str] = []
    texts: list[str] = []
    for node in ("\n" + document).split("\n| ")[1:]:
        said = node.lstrip(" ")
        del above[(len(node) - len(said)) // 2 :]
        if said.startswith('"'):
            texts += [] if HIDDEN & set(above) else [said.strip().strip('"')]
        else:
            above.append("template" if said == "content" else said.strip("<>\n").split(" ")[-1].lower())
    return "".join(texts)


def read(text: str) -> str:
    """The text of the tree that presswatch makes of a page."""
    tree = parse(Page("", "", 200, datetime.now(UTC), text.encode("utf-8", "surrogatepass"), "", "utf-8"))
    if tree is None:
        return ""
    for element in tree.root.iter("script", "style", "title"):
        element.text = None
    return "".join(tree.root.itertext())


def letters(text: str) -> Counter[str]:
    return Counter(one for one in text if not one.isspace() and one not in "\x00\ufffd")


def test_no_case_of_the_html_standard_loses_text_that_a_browser_shows() -> None:
    if not html_cases().is_dir():
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("python tests/servers/fetch.py gets the cases, and has not run")
        pytest.skip("python tests/servers/fetch.py gets the cases")
    lost = {}
    count = 0
    for name, data, told in cases():
        # What a script writes is no part of the page, and `noscript` is read though it is not shown.
        if "document.write" in data or "<noscript><!--" in data:
            continue
        count += 1
        if missing := letters(shown(told["document"])) - letters(read(data)):
            lost[name, data[:100]] = "".join(missing.elements())[:40]
    assert count > 1_400
    assert lost == {}
