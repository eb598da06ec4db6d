"""The connection to a cluster: how it is made, and its faults in people's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    UnsupportedProductError,
)

from presswatch import connection_faults
from presswatch.errors import UnavailableError
from presswatch.search.elastic.config import ElasticsearchConfig

_SHARD_AWAY = ("search_phase_execution_exception", "no_shard_available_action_exception")


class Refused(UnavailableError):
    """The cluster refuses a request for what stands in it."""


class Connection:
    """A client of one cluster. Nothing is asked of it before it is needed.

    Raises ConfigError when a secret is missing.
    """

    def __init__(self, config: ElasticsearchConfig) -> None:
        self.name = f"Elasticsearch at {config.urls[0] if config.urls else config.cloud_id.split(':')[0]}"
        self.client = _client(config)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what the cluster raises as UnavailableError, in people's words."""
        try:
            yield
        except AuthenticationException as error:
            raise UnavailableError(
                f"{self.name} does not know us (401): check api_key, or username and password, of "
                "search.elasticsearch"
            ) from error
        except AuthorizationException as error:
            raise UnavailableError(
                f"{self.name} does not allow it (403): {reason_of(error.body)}; docs/operations.md has the "
                "role that suffices"
            ) from error
        except UnsupportedProductError as error:
            raise UnavailableError(
                f"{self.name}: what answers there is not Elasticsearch (OpenSearch, or a proxy?)"
            ) from error
        except ApiError as error:
            if error.meta.status == 413:
                raise Refused(
                    f"{self.name} answers 413: it is larger than the cluster takes (http.max_content_length)"
                ) from error
            if error.meta.status == 503 and _type_of(error.body) in _SHARD_AWAY:
                raise UnavailableError(
                    f"{self.name}: a part of the index is on a node that is away or has not started yet: "
                    f"{reason_of(error.body)}"
                ) from error
            kind = Refused if error.meta.status == 400 else UnavailableError
            raise kind(f"{self.name} answers {error.meta.status}: {reason_of(error.body)}") from error
        except TlsError as error:
            raise UnavailableError(
                f"{self.name}: no TLS: {_why(error)}; check search.elasticsearch.ca_file or fingerprint"
            ) from error
        except NoConnection as error:
            raise UnavailableError(f"{self.name} cannot be reached: {_why(error)}") from error
        except TransportError as error:
            raise UnavailableError(f"{self.name}: {_why(error)}") from error


def _why(error: BaseException) -> str:
    """Why, in the words of the system that said so first; what libraries add names their own classes."""
    if said := connection_faults.first_said(error):
        return connection_faults.in_words(said)
    return "it did not answer in time" if isinstance(error, ConnectionTimeout) else "the connection broke off"


def _type_of(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def reason_of(body: Any) -> str:
    """Why the cluster refuses, from the body of its answer."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        cause = error.get("caused_by") or {}
        said = [str(part.get("reason", "")) for part in (error, cause) if part.get("reason")]
        return ": ".join(dict.fromkeys(said))
    return str(error or body)[:300]


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
    place: dict[str, Any] = {"hosts": list(config.urls)} if config.urls else {"cloud_id": config.cloud_id}
    # A node that is away is passed over. What else is tried again, and when, is the feed's to say.
    return Elasticsearch(
        **place,
        **login,
        http_compress=True,
        request_timeout=30,
        max_retries=max(len(config.urls) - 1, 0),
        retry_on_status=(),
        retry_on_timeout=False,
    )
