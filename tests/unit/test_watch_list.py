"""Many watches as one file."""

from typing import Any

import pytest

from presswatch.config import Config, Source, Watch
from presswatch.errors import UsageError
from presswatch.watches.watch_list import read, written

TO = ["desk@example.org"]


def watch(id_: str, query: str, **values: Any) -> Watch:
    return Watch(id=id_, **{"name": id_, "query": query, "recipients": TO, **values})


LOADED = Config(
    sources=(Source(id="gazette", name="G", start=("https://gazette.example/",)),),
    watches=(watch("ferries", "ferry OR boat"),),
)


def test_a_list_of_queries_makes_a_watch_of_each_line() -> None:
    rows = read("\ufeff# ships\nferry OR boat\n\nrail strike\nrail strike\ngoing NEAR\n", LOADED, TO)
    assert [(row.line, row.id, row.is_known) for row in rows[:3]] == [
        (2, "ferries", True), (4, "rail-strike", False), (5, "rail-strike", True),
    ]  # fmt: skip
    assert rows[1].values == {
        "name": "rail strike", "query": "rail strike", "recipients": TO, "deliver": "instant",
    }  # fmt: skip
    assert (rows[3].line, bool(rows[3].faults)) == (6, True)


@pytest.mark.parametrize(
    ("query", "id_"),
    [
        ("ferry OR strike", "ferry-strike"),
        ("(ferry OR boat* OR ship*) NEAR/5 (strike OR walkout)", "ferry-boat-ship-strike-walkout"),
        ('ferry AND NOT "opera house" -language:de', "ferry"),
        ('author:"Ann Sea" time:>=now-7d title:Fähre', "ann-sea-fahre"),
        ("ORange AND ANDes OR NOTE", "orange-andes-note"),
        (
            "one OR one OR " + " OR ".join(f"word{n}" for n in range(20)),
            "one-word0-word1-word2-word3-word4-word5",
        ),
        ("渡轮 OR 搁浅", "watch"),
    ],
)
def test_an_id_is_of_the_words_that_are_looked_for(query: str, id_: str) -> None:
    assert [row.id for row in read(f"{query}\n", LOADED, TO)] == [id_]


def test_a_table_says_more_by_its_columns_whatever_parts_them() -> None:
    table = (
        "Name;Query;Recipients;Deliver;Sources;Enabled\r\n"
        '"Rail\r\nstrikes";"rail ""strike""";"a@example.org; b@example.org";every 30m;gazette;no\r\n'
        ";ferry;;0 8 * * 1-5;gazete;\r\n"
    )
    good, bad = read(table, LOADED, TO)
    assert good.faults == ()
    assert good.values["query"] == 'rail "strike"'
    assert good.values["recipients"] == ["a@example.org", "b@example.org"]
    assert (good.values["deliver"], good.values["sources"], good.values["enabled"]) == (
        {"every": "30m"}, ["gazette"], False,
    )  # fmt: skip
    assert (bad.line, bad.faults) == (4, ("sources.1: there is no source gazete; do you mean gazette?",))


@pytest.mark.parametrize(
    ("table", "to", "said"),
    [
        ("query,recipients\nferry,\n", [], "nobody is told"),
        ("query,recipients\nferry,dsk\n", [], "there is no group dsk"),
        ("query,id\nrail,ferries\n", TO, "ferries is the id of another watch already"),
        ("query,id\n,x\n", TO, "there is no query"),
        ("query,deliver\nrail,noon\n", TO, "expected five fields"),
        ("query\n-ferry\n", TO, "only excludes"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(table: str, to: list[str], said: str) -> None:
    [row] = read(table, LOADED, to)
    assert said in " ".join(row.faults)


def test_a_table_without_queries_is_none() -> None:
    with pytest.raises(UsageError, match="no column query"):
        read("name,recipients\nx,y\n", LOADED, TO)


def test_what_is_exported_is_there_already_when_it_is_imported() -> None:
    watches = (
        watch("ferries", "ferry OR boat"),
        watch(
            "rail", 'title:"rail strike"', deliver={"cron": "0 8 * * 1-5"}, recipients=["Ann <a@b.example>"]
        ),
        watch("all", "* NOT ferry", deliver={"every": "90m"}, sources=["gazette"], enabled=False),
        watch("formula", "@SUM(A1)", name="=1+1"),
    )
    table = "".join(written(watches))
    assert "'=1+1" in table
    rows = read(table, LOADED.model_copy(update={"watches": watches}), [])
    assert [(row.id, row.is_known) for row in rows] == [(one.id, True) for one in watches]
    fresh = read(table, LOADED.model_copy(update={"watches": watches[:1]}), [])[1]
    assert fresh.values["deliver"] == {"cron": "0 8 * * 1-5"}
