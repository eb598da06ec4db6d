"""The language of a text: declared by its page, else detected."""

import re
from collections.abc import Sequence

from crawler.extract.page.markup import Markup, first
from crawler.extract.page.trace import trace_field
from presswatch.model import Block
from presswatch.text.languages import is_written_otherwise, language

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_]\w+)*")


def find_language(markup: Markup, blocks: Sequence[Block], expected: str) -> str:
    """The BCP 47 tag of a text. What the page declares wins unless the text's script denies it.

    `expected` is the source's, believed where the page declares none. Empty if there is too little text to
    tell.
    """
    text = " ".join(block.text for block in blocks)[:3_000]
    chosen = ""
    for origin, told in (*(("page", tag) for tag in declared(markup)), ("source", expected)):
        denied = bool(told) and is_written_otherwise(told, text)
        believed = bool(told) and not denied and not chosen
        verdict = "the first that the script allows" if believed else "another is believed before it"
        verdict = "the text is in another script" if denied else verdict
        trace_field("language", origin, told, verdict, believed=believed)
        chosen = told if believed else chosen
    if not chosen:
        chosen = language(text)
        trace_field("language", "text", chosen, "detected, as nothing that is declared can be", believed=True)
    return chosen


def declared(markup: Markup) -> list[str]:
    """The language tags that a page declares, language in lower case, the most telling first."""
    told = (
        markup.root.get("lang"),
        first(markup.articles, "inLanguage"),
        markup.meta("content-language", "og:locale"),
    )
    tags = [tag.strip().replace("_", "-") for tag in told if tag and _TAG.fullmatch(tag.strip())]
    return [tag[:3].rstrip("-").lower() + tag[3 if len(tag) > 2 and tag[2] != "-" else 2 :] for tag in tags]
