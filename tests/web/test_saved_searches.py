"""Saved searches: kept under a name, listed, opened, renamed, shared, removed."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import update

from presswatch import config
from presswatch.accounts import Role
from presswatch.archive import accounts, audit, saved_searches
from presswatch.archive.saved_searches import MOST, SavedSearch
from presswatch.archive.tables import saved_search
from support.pages_server import Answer, Pages
from support.reading_room import ReadingRoom
from support.waiting import wait_until
from support.web_page import read


def save(pages: Pages, name: str, **others: str) -> Answer:
    """As the search page does it: the form beside the result of this search is sent."""
    shown = pages.get("/search?" + urlencode(others))
    address, fields = shown.buttons["Save"]
    return pages.post(address, fields | {"name": name})


def saved(room: ReadingRoom, account: str = "") -> list[SavedSearch]:
    with room.newsroom.archive.reading() as tx:
        return saved_searches.of_account(tx, account)


def listed(pages: Pages, address: str = "/searches") -> list[str]:
    """The names of the reader's own searches, as they stand there."""
    answer = pages.get(address)
    assert answer.status == 200
    found = re.findall(r'<h2 class="saved-name"><a[^>]*>(?:<[^>]+>)?([^<]*)', answer.text)
    return [re.sub(r"[\u2066-\u2069]", "", name) for name in found]


def opened(pages: Pages, path: str) -> dict[str, str]:
    """What the search page is asked for that this leads to."""
    answer = pages.get(path)
    assert answer.status == 303
    place = urlsplit(answer.headers["location"])
    assert place.path == "/search"
    return dict(parse_qsl(place.query))


ALL_OF_IT = {
    "q": "ferry AND NOT (opera OR boat*)",
    "since": "now-30d",
    "until": "2027-01-01",
    "source": "gazette",
    "language": "en",
    "section": "Harbour & Sea",
    "sort": "relevance",
    "stories": "apart",
}


def test_a_search_is_saved_with_all_that_its_address_says_and_opened_again(room: ReadingRoom) -> None:
    done = save(room.pages, "  The   ferries ", **ALL_OF_IT)
    assert (done.status, dict(parse_qsl(urlsplit(done.headers["location"]).query))) == (303, ALL_OF_IT)
    [kept] = saved(room)
    assert kept.name == "The ferries"
    assert opened(room.pages, f"/searches/{kept.id}") == ALL_OF_IT
    page = read(room.pages.get("/searches").text)
    for said in ("ferry AND NOT (opera OR boat*)", "Gazette", "Harbour & Sea", "Most relevant first"):
        assert said in page.words
    there = read(room.pages.get(done.headers["location"]).text)
    assert "This search is saved as The ferries." in re.sub(r"[\u2066-\u2069]", "", there.words)
    assert "The ferries" in re.sub(r"[\u2066-\u2069]", "", " ".join(there.links))


@pytest.mark.parametrize(
    "query",
    [
        "id:<abc=def@mail.example>",
        'C++ OR "a+b"',
        "ferry #strike & 100%",
        "time:>2025-03-01 AND time:<2025-03-02",
        "ferry NEAR/5 [a-z]+",
        "fähre OR 渡轮 OR عبّارة",
        'say "it\'s" \\"so\\"',
        "ferry\nOR\nboat # a comment",
        "q=1&since=2&name=3",
    ],
)
def test_what_was_typed_comes_back_as_it_was(room: ReadingRoom, query: str) -> None:
    """Characters that have a meaning in addresses are those that peers lost."""
    room.pages.post("/searches", {"name": "One", "address": urlencode({"q": query})})
    [kept] = saved(room)
    assert opened(room.pages, f"/searches/{kept.id}") == {"q": query}
    assert room.pages.get("/searches").status == 200


def test_those_used_last_come_first_and_else_they_stand_by_name(room: ReadingRoom) -> None:
    for name in ("Zinc", "ash", "Öl", "Boats"):
        save(room.pages, name, q=name)
        room.newsroom.now += timedelta(minutes=1)
    assert listed(room.pages) == ["Boats", "Öl", "ash", "Zinc"]
    [zinc] = [one for one in saved(room) if one.name == "Zinc"]
    opened(room.pages, f"/searches/{zinc.id}")
    wait_until(lambda: saved(room)[0].name == "Zinc", "its use was not noted")
    assert listed(room.pages) == ["Zinc", "Boats", "Öl", "ash"]
    assert listed(room.pages, "/searches?sort=name") == ["ash", "Boats", "Zinc", "Öl"]
    assert listed(room.pages, "/searches?find=BOATS") == ["Boats"]
    beside = re.findall(r'href="/searches/([^"]+)"', room.pages.get("/search").text)
    assert beside[0] == zinc.id


def test_a_name_that_is_taken_replaces_nothing_unless_it_is_said(room: ReadingRoom) -> None:
    save(room.pages, "Ferries", q="ferry", since="now-7d")
    before = saved(room)
    clash = save(room.pages, "ＦＥＲＲＩＥＳ", q="ferry OR boat")
    assert clash.status == 409
    page = read(clash.text)
    assert "You have a saved search of this name already." in page.words
    assert "ferry OR boat" in page.words
    assert saved(room) == before
    address, fields = clash.buttons["Save"]
    assert room.pages.post(address, fields | {"name": "Boats"}).status == 303
    assert sorted(one.name for one in saved(room)) == ["Boats", "Ferries"]
    clash = save(room.pages, "ferries", q="ferry OR ship")
    assert room.pages.press(clash, "Have it ask for this instead").status == 303
    assert {one.name: one.address for one in saved(room)}["Ferries"] == "q=ferry+OR+ship"
    assert {one.id for one in saved(room) if one.name == "Ferries"} == {before[0].id}


def test_a_search_is_renamed_and_removed_and_both_are_in_the_trail(room: ReadingRoom) -> None:
    save(room.pages, "Ferries", q="ferry")
    save(room.pages, "Boats", q="boat")
    ferries = next(one for one in saved(room) if one.name == "Ferries")
    taken = room.pages.post(f"/searches/{ferries.id}/name", {"name": "boats"})
    assert (taken.status, "You have a saved search of this name" in taken.text) == (409, True)
    assert room.pages.post(f"/searches/{ferries.id}/name", {"name": "FERRIES"}).status == 303
    assert sorted(listed(room.pages)) == ["Boats", "FERRIES"]
    assert room.pages.post(f"/searches/{ferries.id}/remove").status == 303
    assert listed(room.pages) == ["Boats"]
    assert room.pages.get(f"/searches/{ferries.id}").status == 404
    assert room.pages.post(f"/searches/{ferries.id}/remove").status == 404
    with room.newsroom.archive.reading() as tx:
        acts = [(act.did, act.subject) for act in audit.latest(tx, 9)]
    assert acts[:2] == [("search.remove", "FERRIES"), ("search.rename", "Ferries")]


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b\u200d", "\u202e", "...", "🙈", "a" * 101, "\x00\x07", "\u0300"]
)
def test_a_name_that_nobody_could_read_is_refused_and_the_search_is_kept_on_the_page(
    room: ReadingRoom, name: str
) -> None:
    refused = room.pages.post("/searches", {"name": name, "address": urlencode({"q": "ferry"})})
    assert refused.status == 400
    page = read(refused.text)
    assert "A name has at least one letter or digit" in page.words
    assert page.fields["address"] == "q=ferry"
    assert saved(room) == []


def test_a_hostile_name_is_inert_wherever_it_stands(room: ReadingRoom) -> None:
    name = "<script>x</script>\"\u202e'{{ 7*7 }}"
    save(room.pages, name, q="ferry")
    [kept] = saved(room)
    for address in ("/searches", "/search?q=ferry", f"/searches/shared/{kept.id}", "/search", "/audit"):
        text = room.pages.get(address).text
        assert "<script>x" not in text
        assert "\u202e" not in text


def test_searches_are_of_one_account_and_shared_by_a_link(room: ReadingRoom) -> None:
    jane, nils = room.reader(Role.READER, "jane"), room.reader(Role.EDITOR, "nils")
    save(jane, "Ferries", q="ferry", source="gazette", sort="relevance")
    assert listed(nils) == []
    [kept] = saved(room, "jane")
    for change in ("name", "remove"):
        assert nils.post(f"/searches/{kept.id}/{change}", {"name": "Mine"}).status == 404
    assert f"/searches/shared/{kept.id}" in jane.get("/searches").text
    sent = nils.get(f"/searches/{kept.id}")
    assert sent.headers["location"] == f"/searches/shared/{kept.id}"
    page = nils.get(sent.headers["location"])
    assert "jane" in page.text
    done = nils.post("/searches", page.buttons["Save it"][1] | {"name": "Theirs"})
    assert done.status == 303
    [taken] = saved(room, "nils")
    assert (taken.name, taken.address) == ("Theirs", kept.address)
    jane.post(f"/searches/{kept.id}/remove")
    assert nils.get(f"/searches/shared/{kept.id}").status == 404
    assert saved(room, "nils") == [taken]
    assert room.pages.another().get(f"/searches/shared/{kept.id}").headers["location"].startswith("/sign-in")


def test_the_searches_of_an_account_go_with_it_and_the_first_account_gets_this_machines(
    room: ReadingRoom,
) -> None:
    save(room.pages, "Ferries", q="ferry")
    chief = room.reader(Role.OPERATOR, "chief-two")
    assert [one.name for one in saved(room, "chief")] == ["Ferries"]
    assert saved(room) == []
    jane = room.reader(Role.READER, "jane")
    save(jane, "Boats", q="boat")
    chief.post("/accounts/remove", {"name": "jane"})
    assert saved(room, "jane") == []
    with room.newsroom.archive.reading() as tx:
        assert accounts.find(tx, "jane") is None
    assert [one.name for one in saved(room, "chief")] == ["Ferries"]


def test_a_query_that_is_not_understood_any_more_is_told_and_still_there(room: ReadingRoom) -> None:
    config.write_search(room.folder, "boats", {"name": "Boats", "query": "boat OR ship"})
    assert save(room.pages, "My boats", q="@boats AND ferry").status == 303
    (room.folder / "searches" / "boats.yaml").unlink()
    page = read(room.pages.get("/searches").text)
    assert "Its query is not understood any more: there is no saved search @boats" in page.words
    assert listed(room.pages) == ["My boats"]
    [kept] = saved(room)
    asked = opened(room.pages, f"/searches/{kept.id}")
    assert room.pages.get("/search?" + urlencode(asked)).status == 400
    with room.newsroom.archive.writing() as tx:
        tx.execute(update(saved_search).values(address="q=((&since=nonsense"))
    assert room.pages.get("/searches").status == 200


def test_a_search_has_a_feed_and_can_be_made_a_watch(room: ReadingRoom) -> None:
    room.publish("The ferry ran aground.", "Ferry aground", source="herald")
    room.publish("The ferry was sold.", "Ferry sold")
    save(room.pages, "Ferries", q="ferry", source="herald", since="2020-01-01")
    page = read(room.pages.get("/searches").text)
    feed = room.pages.get(page.links["Feed (Atom)"])
    assert feed.text.count("<entry>") == 1
    assert "Ferry aground" in feed.text
    form = read(room.pages.get(page.links["Make a watch of this"]).text)
    assert form.fields["query"] == 'ferry AND source:"herald"'
    room.account("chief", Role.OPERATOR)
    reader = room.reader(Role.READER)
    save(reader, "Ferries", q="ferry")
    assert "Make a watch of this" not in reader.get("/searches").text


def test_searches_of_the_configuration_stand_there_with_file_and_line(room: ReadingRoom) -> None:
    folder = room.folder / "searches"
    folder.mkdir(exist_ok=True)
    (folder / "ships.yaml").write_text("# Ships\nid: big-ships\nname: Big ships\nquery: ship OR ferry\n")
    (folder / "harbours.query").write_text("# all of them\nharbour OR port\n")
    (folder / "towns.terms").write_text("Kiel\nNew York\n")
    page = read(room.pages.get("/searches").text)
    for place in ("searches/ships.yaml:4", "searches/harbours.query:1", "searches/towns.terms:1"):
        assert place in page.words
    assert "/searches/" not in " ".join(page.links.values()), "none of them can be changed here"
    links = [link for words, link in page.links.items() if "Big ships" in words]
    assert links == ["/search?q=%40big-ships"]
    assert room.pages.get(links[0]).status == 200


def test_a_thousand_are_paged_and_one_more_is_refused(room: ReadingRoom) -> None:
    now = room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        for number in range(MOST):
            saved_searches.save(tx, "", f"Search {number:04}", f"q=ferry+{number}", now)
    names, address = [], "/searches?sort=name"
    while address:
        names += listed(room.pages, address)
        following = re.findall(r'rel="next" href="([^"]+)"', room.pages.get(address).text)
        address = following[0].replace("&amp;", "&") if following else ""
    assert names == [f"Search {number:04}" for number in range(MOST)]
    refused = save(room.pages, "One more", q="boat")
    assert (refused.status, "You have 1,000 saved searches." in refused.text) == (400, True)
    assert save(room.pages, "search 0007", q="boat").status == 409, "one that is there may be replaced"
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert room.pages.get("/searches?" + urlencode({"page": odd})).status == 200


def test_an_address_that_is_too_long_is_refused(room: ReadingRoom) -> None:
    long = urlencode({"q": "ferry OR " * 9_000 + "boat"})
    refused = room.pages.post("/searches", {"name": "Long", "address": long})
    assert (refused.status, "too long to be saved" in refused.text) == (400, True)
    assert saved(room) == []


def test_of_the_address_only_what_a_search_has_is_kept(room: ReadingRoom) -> None:
    odd = "q=ferry&q=boat&after=x&next=//evil.example&since=%20&sort=sideways&source=a&source=b"
    done = room.pages.post("/searches", {"name": "Odd", "address": odd})
    assert done.headers["location"] == "/search?q=ferry&source=a&source=b"
