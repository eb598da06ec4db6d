"""The index in Elasticsearch 8.19 and 9.x: a versioned index, one alias to read it and one to write it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, Elasticsearch

from presswatch import text
from presswatch.config.models import ElasticsearchConfig
from presswatch.errors import UnavailableError
from presswatch.model import Document, from_json
from presswatch.query import passage
from presswatch.query.fields import FieldKind, fields_of
from presswatch.query.tree import Node
from presswatch.search import Answer, Found, Hit, Outcome, Sort
from presswatch.search.dsl import clause
from presswatch.search.mapping import FORM, template

_EXACT = fields_of(FieldKind.EXACT)
# Nobody waits longer for an answer; a bulk may take its time.
_SEARCH_SECONDS = 20
_BULK_SECONDS = 120
_SCAN = 5_000
# Answers to one document that are not its own fault, 429 and 5xx aside: its index is missing or blocked.
_NOT_ITS_FAULT = ("index_not_found_exception", "cluster_block_exception", "unavailable_shards_exception")


class ElasticsearchIndex:
    """See `Index`. Nothing is asked of the cluster before it is needed."""

    def __init__(self, config: ElasticsearchConfig) -> None:
        """Raises ConfigError when a secret is missing."""
        self.name = f"Elasticsearch at {config.urls[0]}"
        self._prefix = config.index
        self._write_alias = f"{config.index}-write"
        self._client = _client(config)
        self._ready = False

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        self._get_ready()
        return self._put(documents)

    def remove(self, ids: Iterable[str]) -> None:
        self._get_ready()
        operations = [{"delete": {"_id": one}} for one in ids]
        if operations:
            with self._explained():
                self._client.bulk(index=self._write_alias, operations=operations)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> Found:
        query = clause(tree)
        if not self._is_there():
            return Found(0, (), None)
        newest: list[Any] = [{"time": "desc"}, {"seq": "desc"}]
        order = newest if sort == "newest" else [{"_score": "desc"}, *newest]
        with self._explained():
            self._client.indices.refresh(index=self._prefix)
            answer = self._client.options(request_timeout=_SEARCH_SECONDS).search(
                index=self._prefix,
                query=query,
                sort=order,
                size=limit + 1,
                search_after=json.loads(after) if after else None,
                track_total_hits=True,
                timeout=f"{_SEARCH_SECONDS}s",
            )
        rows = answer["hits"]["hits"]
        documents = [_document(row["_source"]) for row in rows[:limit]]
        cursor = json.dumps(rows[limit - 1]["sort"]) if len(rows) > limit else None
        hits = tuple(Hit(document, passage(document, tree)) for document in documents)
        return Found(answer["hits"]["total"]["value"], hits, cursor)

    def versions(self) -> Mapping[str, int]:
        if not self._is_there():
            return {}
        found: dict[str, int] = {}
        with self._explained():
            self._client.indices.refresh(index=self._prefix)
            after: list[Any] | None = None
            while True:
                answer = self._client.search(
                    index=self._prefix,
                    query={"match_all": {}},
                    source_includes=["seq"],
                    sort=[{"id": "asc"}],
                    size=_SCAN,
                    search_after=after,
                )
                rows = answer["hits"]["hits"]
                found |= {row["_id"]: row["_source"]["seq"] for row in rows}
                if len(rows) < _SCAN:
                    return found
                after = rows[-1]["sort"]

    def clear(self) -> None:
        with self._explained():
            old = self._indices()
            self._make(number=1 + max((int(name.rpartition("-")[2]) for name in old), default=0))
            if old:
                self._client.indices.delete(index=",".join(old))
        self._ready = True

    def probe(self) -> str:
        with self._explained():
            info = self._client.info()
            version = info["version"]["number"]
            there = bool(self._indices())
            count = self._client.count(index=self._prefix)["count"] if there else 0
        return f"Elasticsearch {version} at {self.name.rpartition(' ')[2]} with {count:,} articles"

    def close(self) -> None:
        self._client.close()

    def _put(self, documents: Sequence[Document]) -> list[Answer]:
        operations: list[dict[str, Any]] = []
        for document in documents:
            action = {"_id": document.id, "version": document.seq, "version_type": "external"}
            operations += [{"index": action}, _source(document)]
        try:
            with self._explained():
                answer = self._client.options(request_timeout=_BULK_SECONDS).bulk(
                    index=self._write_alias, operations=operations, require_alias=True
                )
        except _TooLarge as error:
            return self._halved(documents, str(error))
        answers = [_answer(item["index"]) for item in answer["items"]]
        if any(one.outcome is Outcome.LATER for one in answers):
            # The index may be gone: it is looked for, and made, before the next try.
            self._ready = False
        return answers

    def _halved(self, documents: Sequence[Document], reason: str) -> list[Answer]:
        """Send what was too large in halves; one document that is too large by itself is refused."""
        if len(documents) == 1:
            return [Answer(Outcome.REFUSED, reason)]
        half = len(documents) // 2
        return self._put(documents[:half]) + self._put(documents[half:])

    def _get_ready(self) -> None:
        if self._ready:
            return
        with self._explained():
            names = self._indices()
            if not names:
                self._make(number=1)
            elif self._form(names[-1]) != FORM:
                raise UnavailableError(
                    f"{self.name}: {names[-1]} has an older form; `presswatch reindex` builds it anew"
                )
        self._ready = True

    def _is_there(self) -> bool:
        """Whether there is an index to read. Whoever only reads makes none: that is for who has articles."""
        if self._ready:
            return True
        with self._explained():
            return bool(self._indices())

    def _indices(self) -> list[str]:
        """The indices behind our alias."""
        if not self._client.indices.exists_alias(name=self._prefix):
            return []
        return sorted(self._client.indices.get_alias(name=self._prefix))

    def _form(self, index: str) -> int:
        meta = self._client.indices.get_mapping(index=index)[index]["mappings"].get("_meta", {})
        return int(meta.get("form", 0))

    def _make(self, number: int) -> None:
        """A new index, to which both aliases go at once. One that another process just made is taken."""
        self._client.indices.put_index_template(name=self._prefix, **template(self._prefix))
        name = f"{self._prefix}-v{FORM}-{number}"
        made = self._client.options(ignore_status=400).indices.create(index=name)
        if "error" in made and made["error"]["type"] != "resource_already_exists_exception":
            raise UnavailableError(f"{self.name} cannot make {name}: {_reason(made.body)}")
        old = f"{self._prefix}-v*"
        aliases = (self._prefix, self._write_alias)
        removals = [{"remove": {"index": old, "alias": one, "must_exist": False}} for one in aliases]
        additions = [{"add": {"index": name, "alias": one}} for one in aliases]
        self._client.indices.update_aliases(actions=[*removals, *additions])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (AuthenticationException, AuthorizationException) as error:
            raise UnavailableError(
                f"{self.name} does not let us in ({error.meta.status}): check the secrets of "
                "search.elasticsearch, and the role in docs/operations.md"
            ) from error
        except ApiError as error:
            if error.meta.status == 413:
                raise _TooLarge("it is larger than the cluster takes (http.max_content_length)") from error
            raise UnavailableError(
                f"{self.name} answers {error.meta.status}: {_reason(error.body)}"
            ) from error
        except TlsError as error:
            raise UnavailableError(
                f"{self.name}: no TLS: {error.message}; check search.elasticsearch.ca_file or fingerprint"
            ) from error
        except NoConnection as error:
            raise UnavailableError(f"{self.name} cannot be reached: {error.message}") from error
        except TransportError as error:
            raise UnavailableError(f"{self.name}: {error.message}") from error


class _TooLarge(Exception):
    """A request was larger than the cluster takes."""


def _client(config: ElasticsearchConfig) -> Elasticsearch:
    login: dict[str, Any] = {}
    if config.api_key is not None:
        login["api_key"] = config.api_key.reveal()
    elif config.username:
        login["basic_auth"] = (config.username, config.password.reveal() if config.password else "")
    if config.ca_file is not None:
        login["ca_certs"] = str(config.ca_file)
    if config.fingerprint:
        login["ssl_assert_fingerprint"] = config.fingerprint
    # What is tried again, and when, is the feed's to say.
    return Elasticsearch(
        list(config.urls),
        **login,
        http_compress=True,
        request_timeout=30,
        max_retries=0,
        retry_on_timeout=False,
    )


def _source(document: Document) -> dict[str, Any]:
    """The document as it is indexed: exact fields folded, and kept as they are shown beside."""
    source = asdict(document)
    shown = {name: source[name] for name in _EXACT}
    for name in _EXACT:
        value = source[name]
        source[name] = text.exact(value) if isinstance(value, str) else [text.exact(one) for one in value]
    differing = {name: value for name, value in shown.items() if _listed(value) != source[name]}
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in source.items()
    }
    return {**plain, "shown": differing}


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _document(source: dict[str, Any]) -> Document:
    shown = source.pop("shown")
    return from_json(Document, json.dumps(source | shown))


def _answer(item: dict[str, Any]) -> Answer:
    status = item["status"]
    if status in (200, 201, 409):
        return Answer(Outcome.DONE)
    reason = _reason(item)
    kind = str((item.get("error") or {}).get("type", ""))
    if status == 429 or status >= 500 or kind in _NOT_ITS_FAULT or status in (401, 403, 404):
        return Answer(Outcome.LATER, f"{status}: {reason}")
    return Answer(Outcome.REFUSED, f"{status}: {reason}")


def _reason(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        cause = error.get("caused_by") or {}
        said = [str(part.get("reason", "")) for part in (error, cause) if part.get("reason")]
        return ": ".join(dict.fromkeys(said))
    return str(error or body)[:300]
