"""The passage that shows why an article was found, for mails and for search results."""

from collections.abc import Iterator
from dataclasses import dataclass

from presswatch import text
from presswatch.model import Document
from presswatch.query.evaluation import occurrences, positive_leaves
from presswatch.query.tree import Acronym, Node, Stem, Words
from presswatch.text import acronyms, spellings
from presswatch.text.fragments import Fragment, Span, fragment, whole

LENGTH = 240


@dataclass(frozen=True, slots=True)
class Passage:
    """The whole title and a passage of the summary or text, each with its matching words marked."""

    title: Fragment
    body: Fragment


def passage(document: Document, tree: Node, *, length: int = LENGTH) -> Passage:
    """What to show of an article that matches `tree` (resolved or not).

    The passage comes from the text, or from the summary where only that has the words. An article found by
    other things than words shows the beginning of its summary or text, with nothing marked.
    """
    marked = {name: list(_spans(document, name, tree)) for name in ("title", "summary", "text")}
    name = next(
        (name for name in ("text", "summary") if marked[name]), "summary" if document.summary else "text"
    )
    return Passage(
        whole(document.title, marked["title"]),
        fragment(getattr(document, name), marked[name], length),
    )


def _spans(document: Document, name: str, tree: Node) -> Iterator[Span]:
    value = getattr(document, name)
    tokens = text.tokens(value)
    words = [token.text for token in tokens]
    otherwise = spellings.in_text(value, document.language)
    named = acronyms.in_text(value)
    for leaf in positive_leaves(tree):
        if isinstance(leaf, Acronym):
            yield from ((token.start, token.end) for token in named if token.text == leaf.value)
            continue
        if isinstance(leaf, Words) and leaf.field is None and len(leaf.tokens) == 1:
            [asked] = leaf.tokens
            for token in otherwise:
                if token.text.startswith(asked) if leaf.prefix else token.text == asked:
                    yield token.start, token.end
        if isinstance(leaf, Stem) or leaf.field in {None, name}:
            for first, after in occurrences(leaf, words, document.language):
                yield tokens[first].start, tokens[after - 1].end
