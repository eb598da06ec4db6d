"""An index's schema version stands for what is stored: neither changes without the other."""

import hashlib
import json
import sqlite3

from presswatch.search import schema_versions
from presswatch.search.elastic import mapping
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.serialisation import to_source
from presswatch.search.embedded import rows
from support.library import LIBRARY

ELASTICSEARCH = (6, "152bfde6bac70ce2")
EMBEDDED = (7, "b2ee5029caa77bfb")

WHAT_TO_DO = (
    "what the {engine} index stores has changed. If existing indexes cannot answer as new ones do, raise "
    "presswatch.search.schema_versions.{name} by one, and say in CHANGELOG.md that the index is built "
    "anew; then put\n"
    "    ({version}, {digest!r})\n"
    "into this test. Change the hash alone only if nothing that is stored differs."
)


def digest_of(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def test_the_schema_version_of_elasticsearch_stands_for_settings_mappings_and_documents() -> None:
    mappings = mapping.mappings()
    del mappings["_meta"]
    sources = [to_source(document) for document in LIBRARY]
    for source in sources:
        source.get("stem", []).sort()
    digest = digest_of(
        mapping.settings(ElasticsearchConfig(urls=("http://127.0.0.1:9200",))), mappings, sources
    )
    assert (schema_versions.ELASTICSEARCH, digest) == ELASTICSEARCH, WHAT_TO_DO.format(
        engine="Elasticsearch",
        name="ELASTICSEARCH",
        version=schema_versions.ELASTICSEARCH,
        digest=digest,
    )


def test_the_schema_version_of_the_embedded_index_stands_for_tables_and_rows() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    rows.recreate_tables(connection)
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql != '' ORDER BY name")
    schema = [table for table in tables if table[0] in ("doc", "value", "facet", "words", "vocabulary")]
    for document in LIBRARY:
        rows.put(connection, document)
    terms = connection.execute("SELECT term, doc, cnt FROM vocabulary ORDER BY term").fetchall()
    facets = connection.execute("SELECT * FROM facet ORDER BY row").fetchall()
    values = connection.execute("SELECT * FROM value ORDER BY id").fetchall()
    numbers = connection.execute("SELECT row, id FROM doc ORDER BY row").fetchall()
    connection.close()
    digest = digest_of(schema, terms, facets, values, numbers)
    assert (schema_versions.EMBEDDED, digest) == EMBEDDED, WHAT_TO_DO.format(
        engine="embedded",
        name="EMBEDDED",
        version=schema_versions.EMBEDDED,
        digest=digest,
    )
