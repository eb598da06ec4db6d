"""The index in Elasticsearch 8.19 and 9.x."""
