"""The removal of an article in a browser."""

from presswatch.archive import articles
from support.indexing import drain
from support.press_desk import tell
from support.reading_room import ReadingRoom
from support.visitor import Visit


def test_an_article_is_removed_for_good(room: ReadingRoom, visit: Visit) -> None:
    tell(room)
    id_ = room.publish("The ferry of Mr Private ran aground.", "Private matters")
    tell(room)
    operator = visit(room.pages)
    operator.open("/search?q=private")
    operator.follow("Private matters")
    operator.follow("Remove this article, on request")
    assert operator.sees("These have not left. They are made again without it.")
    operator.follow("Keep it")
    assert operator.heading == "Private matters"
    operator.follow("Remove this article, on request")
    operator.type("Why, and on whose request", "A letter of 3 May\nby the person")
    typed = operator.page.locator("#typed")
    typed.fill("another")
    operator.press("Remove it for good")
    assert "What you typed is not the id of this article" in operator.told
    assert operator.page.get_by_label("Why, and on whose request").input_value() == (
        "A letter of 3 May\nby the person"
    )
    typed.fill(id_)
    operator.press("Remove it for good")
    assert operator.heading == "This article was removed on request"
    with room.newsroom.archive.reading() as tx:
        assert articles.get(tx, id_) is None
    operator.open(f"/articles/{id_}/remove")
    assert operator.heading == "This article was removed on request"

    drain(room.newsroom.archive, room.index)
    operator.open("/")
    assert not operator.sees("Private")
    operator.follow("Operations")
    operator.follow("What was removed on request, when and why")
    assert operator.sees("Why: A letter of 3 May by the person")
    operator.follow(id_)
    assert operator.heading == "This article was removed on request"
