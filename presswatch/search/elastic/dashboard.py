"""Writes config/kibana/presswatch.ndjson, the data view and the dashboard to import into Kibana 8.19 or 9.x.

    python -m presswatch.search.elastic.dashboard config/kibana/presswatch.ndjson

Objects are in the form of Kibana 8.0, which every later one brings to its own: the versions say so. Charts
are based on aggregations, as their form has changed least.
"""

import json
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DATA_VIEW = "presswatch"
_COUNT: Json = {"id": "1", "enabled": True, "type": "count", "schema": "metric", "params": {}}
_LEGEND: Json = {"addTooltip": True, "addLegend": True, "legendPosition": "right"}
_PALETTE: Json = {"type": "palette", "name": "default"}
_BAR: Json = {
    **_LEGEND,
    "type": "histogram",
    "grid": {"categoryLines": False},
    "categoryAxes": [
        {
            "id": "CategoryAxis-1",
            "type": "category",
            "position": "bottom",
            "show": True,
            "style": {},
            "scale": {"type": "linear"},
            "labels": {"show": True, "filter": True, "truncate": 100},
            "title": {},
        }
    ],
    "valueAxes": [
        {
            "id": "ValueAxis-1",
            "name": "LeftAxis-1",
            "type": "value",
            "position": "left",
            "show": True,
            "style": {},
            "scale": {"type": "linear", "mode": "normal"},
            "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100},
            "title": {"text": "articles"},
        }
    ],
    "seriesParams": [
        {
            "show": True,
            "type": "histogram",
            "mode": "stacked",
            "data": {"label": "articles", "id": "1"},
            "valueAxis": "ValueAxis-1",
            "drawLinesBetweenPoints": True,
            "showCircles": True,
            "circlesRadius": 1,
        }
    ],
    "times": [],
    "addTimeMarker": False,
    "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    "labels": {"show": False},
    "palette": _PALETTE,
    "isVislibVis": True,
    "detailedTooltip": True,
}
_PIE: Json = {
    **_LEGEND,
    "type": "pie",
    "isDonut": True,
    "labels": {"show": True, "values": True, "last_level": True, "truncate": 100},
    "palette": _PALETTE,
    "distinctColors": True,
}
_TABLE: Json = {
    "perPage": 10,
    "showPartialRows": False,
    "showMetricsAtAllLevels": False,
    "showTotal": False,
    "showToolbar": True,
    "totalFunc": "sum",
    "percentageCol": "",
}
_CLOUD: Json = {
    "scale": "linear",
    "orientation": "single",
    "minFontSize": 14,
    "maxFontSize": 48,
    "showLabel": False,
    "palette": _PALETTE,
}
_NUMBERS: Json = {
    "addTooltip": True,
    "addLegend": False,
    "type": "metric",
    "metric": {
        "percentageMode": False,
        "useRanges": False,
        "colorSchema": "Green to Red",
        "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10000}],
        "labels": {"show": True},
        "invertColors": False,
        "style": {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 36},
    },
}


def objects() -> list[Json]:
    """All that Kibana is to have."""
    charts = [
        _chart(
            "totals",
            "Articles, sources, authors",
            "metric",
            _NUMBERS,
            [*_distinct("source", "author.keyword")],
        ),
        _chart("changes", "Gone and rewritten", "metric", _NUMBERS, [_changes()]),
        _chart(
            "timeline",
            "Over time, by source",
            "histogram",
            _BAR,
            [_over_time(), _terms("source_name", 10, "group", number=3)],
        ),
        _chart("sources", "Sources", "table", _TABLE, [_terms("source_name", 50, "bucket")]),
        _chart("authors", "Authors", "table", _TABLE, [_terms("author.keyword", 50, "bucket")]),
        _chart("sections", "Sections", "pie", _PIE, [_terms("section.keyword", 12, "segment")]),
        _chart("languages", "Languages", "pie", _PIE, [_terms("language", 12, "segment")]),
        _chart("agencies", "Taken from", "table", _TABLE, [_terms("origin.keyword", 50, "bucket")]),
        _chart("tags", "Tags", "tagcloud", _CLOUD, [_terms("tag", 40, "segment")]),
        _chart("lengths", "Words of an article", "histogram", _BAR, [_lengths()]),
    ]
    return [_data_view(), *charts, _articles(), _dashboard(charts)]


def _object(kind: str, id_: str, version: str, attributes: Json, references: list[Json]) -> Json:
    return {
        "id": id_,
        "type": kind,
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": version,
        "managed": False,
        "attributes": attributes,
        "references": references,
    }


def _data_view() -> Json:
    links = {name: {"id": "url"} for name in ("url", "image")}
    attributes = {
        "title": "presswatch",
        "name": "presswatch: articles",
        "timeFieldName": "time",
        "fields": "[]",
        "fieldAttrs": "{}",
        "fieldFormatMap": _text(links),
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
    }
    return _object("index-pattern", DATA_VIEW, "7.11.0", attributes, [])


def _source(query: str = "") -> tuple[Json, list[Json]]:
    """Where an object searches, and the reference that belongs to it."""
    name = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": {"query": query, "language": "kuery"}, "filter": [], "indexRefName": name}
    return {"searchSourceJSON": _text(source)}, [{"id": DATA_VIEW, "name": name, "type": "index-pattern"}]


def _chart(id_: str, title: str, kind: str, params: Json, aggregations: list[Json]) -> Json:
    meta, references = _source()
    state = {"title": title, "type": kind, "params": params, "aggs": [_COUNT, *aggregations]}
    attributes = {
        "title": title,
        "description": "",
        "visState": _text(state),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": meta,
    }
    return _object("visualization", f"presswatch-{id_}", "8.0.0", attributes, references)


def _aggregation(number: int, kind: str, schema: str, params: Json) -> Json:
    return {"id": str(number), "enabled": True, "type": kind, "schema": schema, "params": params}


def _terms(field: str, size: int, schema: str, number: int = 2) -> Json:
    params = {
        "field": field,
        "orderBy": "1",
        "order": "desc",
        "size": size,
        "otherBucket": False,
        "otherBucketLabel": "Other",
        "missingBucket": False,
        "missingBucketLabel": "Missing",
    }
    return _aggregation(number, "terms", schema, params)


def _over_time() -> Json:
    params = {
        "field": "time",
        "useNormalizedEsInterval": True,
        "scaleMetricValues": False,
        "interval": "auto",
        "drop_partials": False,
        "min_doc_count": 1,
        "extended_bounds": {},
    }
    return _aggregation(2, "date_histogram", "segment", params)


def _lengths() -> Json:
    params = {"field": "words", "interval": 100, "min_doc_count": False, "has_extended_bounds": False}
    return _aggregation(2, "histogram", "segment", {**params, "extended_bounds": {"min": "", "max": ""}})


def _distinct(*fields: str) -> list[Json]:
    return [
        _aggregation(number, "cardinality", "metric", {"field": field})
        for number, field in enumerate(fields, start=2)
    ]


def _changes() -> Json:
    asked = {"gone": "vanished: *", "rewritten": "revision > 1"}
    filters = [
        {"label": label, "input": {"query": query, "language": "kuery"}} for label, query in asked.items()
    ]
    return _aggregation(2, "filters", "group", {"filters": filters})


def _articles() -> Json:
    meta, references = _source()
    attributes = {
        "title": "Articles, newest first",
        "description": "",
        "hits": 0,
        "columns": ["source_name", "section", "author", "title", "url"],
        "sort": [["time", "desc"]],
        "version": 1,
        "kibanaSavedObjectMeta": meta,
    }
    return _object("search", "presswatch-articles", "7.9.3", attributes, references)


def _dashboard(charts: list[Json]) -> Json:
    # Kibana's grid is 48 wide.
    places = [
        (0, 0, 24, 8),
        (24, 0, 24, 8),
        (0, 8, 48, 12),
        (0, 20, 24, 14),
        (24, 20, 24, 14),
        (0, 34, 24, 12),
        (24, 34, 24, 12),
        (0, 46, 24, 14),
        (24, 46, 24, 14),
        (0, 60, 48, 10),
        (0, 70, 48, 18),
    ]
    shown = [*((chart["id"], "visualization") for chart in charts), ("presswatch-articles", "search")]
    panels, references = [], []
    for number, ((id_, kind), (x, y, width, height)) in enumerate(zip(shown, places, strict=True), start=1):
        index = str(number)
        panels.append(
            {
                "version": "8.8.0",
                "type": kind,
                "gridData": {"x": x, "y": y, "w": width, "h": height, "i": index},
                "panelIndex": index,
                "embeddableConfig": {"enhancements": {}},
                "panelRefName": f"panel_{index}",
            }
        )
        references.append({"id": id_, "name": f"{index}:panel_{index}", "type": kind})
    attributes = {
        "title": "presswatch",
        "description": "What the press wrote: by source, author, section, language and over time",
        "panelsJSON": _text(panels),
        "optionsJSON": _text({"useMargins": True, "syncColors": False, "hidePanelTitles": False}),
        "timeRestore": True,
        "timeFrom": "now-7d",
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60_000},
        "version": 1,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _text({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return _object("dashboard", "presswatch", "8.7.0", attributes, references)


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def serialised() -> str:
    """The file's content."""
    return "".join(f"{_text(one)}\n" for one in objects())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(serialised(), encoding="utf-8")
