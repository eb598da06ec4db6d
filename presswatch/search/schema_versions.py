"""The version of what each index stores; tests/contract/test_schema_versions.py ties them to it.

Raised by one when existing indexes cannot answer as new ones do. An embedded index of another version is
emptied and filled again; one in Elasticsearch is reported as needing `presswatch reindex`.
"""

ELASTICSEARCH = 5
EMBEDDED = 7
