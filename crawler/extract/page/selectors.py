"""The CSS selectors that a source's file may give, where the general way fails."""

from lxml.cssselect import CSSSelector, SelectorError
from lxml.html import HtmlElement

from crawler.extract.page.text import content


def select(root: HtmlElement, css: str) -> list[HtmlElement]:
    """The elements that a selector means, in document order; none for an empty or a broken one."""
    if not css:
        return []
    try:
        return list(CSSSelector(css, translator="html")(root))
    except SelectorError:
        return []


def select_text(root: HtmlElement, css: str) -> str:
    """The text of the first element that a selector means."""
    return next((text for element in select(root, css) if (text := content(element))), "")


def remove(root: HtmlElement, selectors: tuple[str, ...]) -> None:
    """Takes the elements out of the tree that a source's file says are in the way."""
    for css in selectors:
        for element in select(root, css):
            if element.getparent() is not None:
                element.drop_tree()
