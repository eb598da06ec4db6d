"""The indices of one prefix: which one answers, which one is built beside it, how that one takes over."""

import re

from presswatch.errors import UnavailableError
from presswatch.search import schema_versions
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.connection import Connection, reason_of
from presswatch.search.elastic.mapping import mappings, settings


class Indices:
    """All that is known of them is asked of the cluster. Every method raises UnavailableError.

    They are named PREFIX-vVERSION-NUMBER, and numbers only grow. The one behind PREFIX, to read, and
    PREFIX-write is the live one. One with a higher number is being built, behind PREFIX-next; one with a
    lower number was taken over from.
    """

    def __init__(self, connection: Connection, config: ElasticsearchConfig) -> None:
        prefix = config.index
        self.reading = prefix
        self.writing = f"{prefix}-write"
        self.building = f"{prefix}-next"
        self._connection = connection
        self._config = config
        self._ours = re.compile(re.escape(prefix) + r"-v\d+-\d+")

    def live(self) -> str | None:
        """The one that answers."""
        return self._live(self._aliases())

    def is_readable(self) -> bool:
        """Whether there is an index to read. Raises UnavailableError where it has not our schema version."""
        live = self.live()
        if live is not None:
            self._check(live)
        return live is not None

    def make_ready(self) -> None:
        """See that there is an index to write to, with the schema version that we write."""
        aliases = self._aliases()
        live = self._live(aliases)
        if live is None:
            self.point(self._make(_next(aliases)))
            return
        self._check(live)
        if self.writing not in aliases[live]:
            self.point(live)

    def successor(self) -> str:
        """The one to fill and then to point to; the live one itself when it has just taken over."""
        aliases = self._aliases()
        live = self._live(aliases)
        newest = max(aliases, key=_number, default=None)
        unfinished = newest != live or len(aliases) > 1
        if newest is None or not unfinished or self._schema_version(newest) != schema_versions.ELASTICSEARCH:
            newest = self._make(_next(aliases))
        self._point(newest, self.building)
        if live is None:
            self.point(newest)
        return newest

    def point(self, name: str) -> None:
        """From now on it is the live one: both aliases go to it at one moment."""
        # Who searches at that moment finds all that was put.
        with self._connection.explained():
            self._connection.client.indices.refresh(index=name)
        self._point(name, self.reading, self.writing)

    def retire(self) -> None:
        """Delete all but the live one."""
        aliases = self._aliases()
        live = self._live(aliases)
        if live is None:
            return
        indices = self._connection.client.indices
        with self._connection.explained():
            for name in sorted(aliases.keys() - {live}):
                indices.delete(index=name, ignore_unavailable=True)
            indices.update_aliases(actions=[_removal(f"{self.reading}-v*", self.building)])

    def _point(self, name: str, *aliases: str) -> None:
        removals = [_removal(f"{self.reading}-v*", alias) for alias in aliases]
        additions = [{"add": {"index": name, "alias": alias}} for alias in aliases]
        with self._connection.explained():
            self._connection.client.indices.update_aliases(actions=[*removals, *additions])

    def _aliases(self) -> dict[str, set[str]]:
        """The aliases of each of ours."""
        with self._connection.explained():
            answer = self._connection.client.indices.get_alias(index=f"{self.reading}-v*")
        return {name: set(index["aliases"]) for name, index in answer.items() if self._ours.fullmatch(name)}

    def _live(self, aliases: dict[str, set[str]]) -> str | None:
        answering = [name for name, has in aliases.items() if self.reading in has]
        return max(answering, key=_number, default=None)

    def _check(self, name: str) -> None:
        version = self._schema_version(name)
        if version < schema_versions.ELASTICSEARCH:
            raise UnavailableError(
                f"{self._connection.name}: {name} has an older schema version; "
                "`presswatch reindex` builds it anew"
            )
        if version > schema_versions.ELASTICSEARCH:
            raise UnavailableError(
                f"{self._connection.name}: {name} was made by a newer presswatch; install that here"
            )

    def _schema_version(self, name: str) -> int:
        with self._connection.explained():
            stored = self._connection.client.indices.get_mapping(index=name)[name]["mappings"]
        return int(stored.get("_meta", {}).get("form", 0))

    def _make(self, number: int) -> str:
        """A new index without articles. One that another process just made is taken."""
        name = f"{self.reading}-v{schema_versions.ELASTICSEARCH}-{number}"
        with self._connection.explained():
            made = self._connection.client.options(ignore_status=400).indices.create(
                index=name, settings=settings(self._config), mappings=mappings()
            )
        if "error" in made and made["error"]["type"] != "resource_already_exists_exception":
            reason = reason_of(made.body)
            if "index.lifecycle.name" in reason:
                reason = (
                    f"it has no lifecycle policies: leave search.elasticsearch.lifecycle empty ({reason})"
                )
            raise UnavailableError(f"{self._connection.name} cannot make {name}: {reason}")
        return name


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def _next(aliases: dict[str, set[str]]) -> int:
    return 1 + max(map(_number, aliases), default=0)


def _removal(index: str, alias: str) -> dict[str, dict[str, object]]:
    return {"remove": {"index": index, "alias": alias, "must_exist": False}}
