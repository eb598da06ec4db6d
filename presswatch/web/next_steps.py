"""What to do where a page cannot be shown: each hint with the page that it leads to."""

from typing import NamedTuple

from presswatch.watches.wording import Wording


class Step(NamedTuple):
    """What somebody may do next; `path` is where that is, below the root, "" where it is no page of ours."""

    said: str
    path: str = ""


def next_steps(status: int, words: Wording, back: str = "") -> list[Step]:
    """What helps with an answer of this status of HTTP. `back` is the page with the form, "" if unknown."""
    first = Step(words.gettext("The first page"), "/")
    search = Step(words.gettext("Search for what it was about"), "/search")
    why = Step(words.gettext("Ask by the address of an article what became of it"), "/why")
    if status == 404:
        whole = Step(words.gettext("See whether the address is complete: links break at line ends."))
        return [whole, search, why]
    if status == 410:
        return [search, why]
    if status == 405:
        said = words.gettext("This is where a form is sent to. Open the page that the form stands on.")
        return [Step(said), first]
    if status in (400, 409, 413):
        said = words.gettext("Go back in your browser: what you typed is still there, to be put right.")
        there = [Step(words.gettext("The page that you came from"), back)] if back else []
        return [Step(said), *there, first]
    if status in (500, 503):
        again = words.gettext("Try it again. If it stays so, tell an operator what you did, and when.")
        return [Step(again), first]
    return [first]
