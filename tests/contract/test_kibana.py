"""The dashboard for Kibana: what it asks of the cluster is answered, on the sample press.

Kibana itself is not run. Its saved objects are read as it reads them, and each aggregation, filter and field
of theirs is asked of both servers.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from presswatch.config.files import starter
from presswatch.search.elastic import dashboard
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from support.indexing import put
from support.library import NOW, PRESS

FILE = Path(__file__).resolve().parents[2] / "config" / "kibana" / "presswatch.ndjson"
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
CHARTS = [json.loads(one["attributes"]["visState"]) for one in OBJECTS if one["type"] == "visualization"]
# The attributes that an object may have: Kibana refuses others.
ALLOWED = {
    "visualization": "title description version kibanaSavedObjectMeta uiStateJSON visState",
    "search": "title description columns sort kibanaSavedObjectMeta hits version",
    "dashboard": "title description kibanaSavedObjectMeta timeRestore timeFrom timeTo refreshInterval "
    "panelsJSON optionsJSON hits version",
    "index-pattern": "title name timeFieldName fields fieldAttrs fieldFormatMap runtimeFieldMap typeMeta",
}
# The type of a field for which an aggregation is meant.
MEANT = {"terms": "keyword", "cardinality": "keyword", "date_histogram": "date", "histogram": "integer"}


@pytest.fixture(scope="module", params=["elasticsearch8", "elasticsearch9"])
def press(request: pytest.FixtureRequest) -> Iterator[ElasticsearchIndex]:
    """An index with the sample press, of which one article is gone and one was rewritten."""
    url: str = request.getfixturevalue(request.param)
    index = ElasticsearchIndex(ElasticsearchConfig(urls=(url,), index=f"test-{secrets.token_hex(4)}"))
    named = [replace(one, source_name=(one.source[0].title(),)) for one in PRESS]
    put(index, [replace(named[0], vanished=NOW), replace(named[1], revision=2), *named[2:]])
    yield index
    index._connection.client.indices.delete(index=list(index._indices._aliases()))
    index.close()


def asked(aggregation: dict[str, Any]) -> dict[str, Any]:
    """What Kibana asks for an aggregation of a chart."""
    params, kind = aggregation["params"], aggregation["type"]
    match kind:
        case "terms":
            order = {"_count" if params["orderBy"] == "1" else params["orderBy"]: params["order"]}
            return {"terms": {"field": params["field"], "size": params["size"], "order": order}}
        case "cardinality":
            return {"cardinality": {"field": params["field"]}}
        case "date_histogram":
            assert params["interval"] == "auto"
            how = {"field": params["field"], "fixed_interval": "1h", "min_doc_count": 1}
            return {"date_histogram": how}
        case "histogram":
            return {"histogram": {"field": params["field"], "interval": params["interval"]}}
        case "filters":
            named = {one["label"]: kuery(one["input"]["query"]) for one in params["filters"]}
            return {"filters": {"filters": named}}
    raise AssertionError(f"the test does not know {kind}")


def kuery(query: str) -> dict[str, Any]:
    """A query of the two kinds that the dashboard has in Kibana's language."""
    if found := re.fullmatch(r"(\w+): \*", query):
        return {"exists": {"field": found[1]}}
    found = re.fullmatch(r"(\w+) > (\d+)", query)
    assert found, query
    return {"range": {found[1]: {"gt": int(found[2])}}}


def fields_of(aggregation: dict[str, Any]) -> list[str]:
    if aggregation["type"] == "filters":
        return [one["input"]["query"].split()[0].rstrip(":") for one in aggregation["params"]["filters"]]
    return [aggregation["params"]["field"]]


def test_the_file_is_what_the_generator_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == dashboard.serialised()
    assert (starter() / "kibana" / FILE.name).read_bytes() == FILE.read_bytes()


def test_every_object_says_its_form_and_what_it_refers_to_is_there() -> None:
    there = {(one["type"], one["id"]) for one in OBJECTS}
    assert len(there) == len(OBJECTS) == 13
    for one in OBJECTS:
        assert set(one) == {
            "id",
            "type",
            "coreMigrationVersion",
            "typeMigrationVersion",
            "managed",
            "attributes",
            "references",
        }
        for name in ("coreMigrationVersion", "typeMigrationVersion"):
            assert re.fullmatch(r"[78]\.\d+\.\d+", one[name])
        assert {(reference["type"], reference["id"]) for reference in one["references"]} <= there
        assert set(one["attributes"]) <= set(ALLOWED[one["type"]].split())
        for name, value in one["attributes"].items():
            if name.endswith("JSON") or name in ("visState", "fields", "fieldFormatMap"):
                json.loads(value)
    assert OBJECTS[0]["attributes"]["title"] == ElasticsearchConfig(urls=("http://x.example",)).index


def test_every_panel_is_one_of_the_objects_and_none_lies_upon_another() -> None:
    [board] = [one for one in OBJECTS if one["type"] == "dashboard"]
    panels = json.loads(board["attributes"]["panelsJSON"])
    referred = {reference["name"]: reference for reference in board["references"]}
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        reference = referred.pop(f"{panel['panelIndex']}:{panel['panelRefName']}")
        assert reference["type"] == panel["type"]
        grid = panel["gridData"]
        assert grid["x"] + grid["w"] <= 48
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken
        taken |= cells
    assert referred == {}
    shown = {reference["id"] for reference in board["references"]}
    assert shown == {one["id"] for one in OBJECTS if one["type"] in ("visualization", "search")}


@pytest.mark.parametrize("chart", CHARTS, ids=[chart["title"] for chart in CHARTS])
def test_a_chart_shows_something(press: ElasticsearchIndex, chart: dict[str, Any]) -> None:
    client = press._connection.client
    metric, *aggregations = chart["aggs"]
    assert (metric["type"], metric["id"]) == ("count", "1")
    assert len({one["id"] for one in chart["aggs"]}) == len(chart["aggs"])
    query = {"range": {"time": {"gte": (NOW.replace(year=2025)).isoformat(), "lte": NOW.isoformat()}}}
    for one in aggregations:
        for field in fields_of(one):
            [(kind, can)] = client.field_caps(index=press._alias, fields=field)["fields"][field].items()
            assert can["searchable"]
            assert can["aggregatable"]
            assert kind == MEANT.get(one["type"], kind)
        answer = client.search(index=press._alias, query=query, size=0, aggregations={"asked": asked(one)})
        found = answer["aggregations"]["asked"]
        if one["type"] == "cardinality":
            assert found["value"] > 1
            continue
        buckets = found["buckets"]
        counts = [
            bucket["doc_count"] for bucket in (buckets.values() if isinstance(buckets, dict) else buckets)
        ]
        assert counts
        assert max(counts) > 0
        if one["type"] == "filters":
            assert counts == [1, 1]
        if one["type"] == "terms":
            assert all(isinstance(bucket["key"], str) and bucket["key"] for bucket in buckets)
            assert counts == sorted(counts, reverse=True)


def test_the_list_of_articles_shows_every_column(press: ElasticsearchIndex) -> None:
    client = press._connection.client
    [listed] = [one["attributes"] for one in OBJECTS if one["type"] == "search"]
    [[by, order]] = listed["sort"]
    answer = client.search(
        index=press._alias, sort=[{by: order}], size=100, fields=listed["columns"], source=False
    )
    rows = [row["fields"] for row in answer["hits"]["hits"]]
    for column in listed["columns"]:
        assert any(row.get(column) for row in rows), column


def test_links_of_the_data_view_are_fields(press: ElasticsearchIndex) -> None:
    view = OBJECTS[0]["attributes"]
    known = press._connection.client.field_caps(index=press._alias, fields="*")["fields"]
    assert "date" in known[view["timeFieldName"]]
    assert set(json.loads(view["fieldFormatMap"])) <= set(known)
