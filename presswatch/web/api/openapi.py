"""The document of the API (OpenAPI 3.1), made from its table of operations."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

import presswatch
from presswatch.watches.channels.posted import Posted
from presswatch.web.api.answers import Problem
from presswatch.web.api.operations import OPERATIONS, Operation, Scope

JSON, LINES, PROBLEM = "application/json", "application/jsonl", "application/problem+json"
_REFERENCE = "#/components/schemas/{model}"
_FAILURES = {
    400: "A parameter is wrong.",
    401: "No token was given, or one that is not known.",
    403: "The token may not read this, or the request came through another host name.",
    429: "Too many requests; Retry-After says when to go on.",
    503: "The archive or the index does not answer now.",
}


@cache
def document() -> dict[str, Any]:
    """The whole document. The server is where it was asked for."""
    kinds = [TypeAdapter(one) for one in (*(one.answer for one in OPERATIONS), Problem, Posted)]
    inputs = [(number, "serialization", kind) for number, kind in enumerate(kinds)]
    references, defined = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE)  # type: ignore[arg-type]  # its numbers are keys of ours
    *schemas, problem, posted = (references[number, "serialization"] for number in range(len(kinds)))
    paths = {
        one.path: {"get": _described(one, schema, problem)}
        for one, schema in zip(OPERATIONS, schemas, strict=True)
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "presswatch",
            "version": presswatch.__version__,
            "description": "Search the archive of an installation and follow what its watches find.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "."}],
        "tags": [{"name": scope.value, "description": f"Needs the scope `{scope}`."} for scope in Scope],
        "security": [{"token": []}],
        "paths": paths,
        "webhooks": {"notification": {"post": _posted(posted)}},
        "components": {
            "schemas": defined.get("$defs", {}),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`presswatch tokens add NAME` makes one.",
                }
            },
        },
    }


def _posted(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "notification",
        "summary": "What a channel with `webhook` is sent for each mail of a watch, at least once.",
        "security": [{}],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": required,
                "schema": {"type": kind},
                "description": words,
            }
            for name, kind, required, words in (
                ("webhook-id", "string", True, "The same at each attempt."),
                ("webhook-timestamp", "integer", True, "Of the attempt, in seconds since 1970."),
                ("webhook-signature", "string", False, "Where the channel has a secret (Standard Webhooks)."),
            )
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {"2XX": {"description": "It was taken, and is not sent again."}},
    }


def _described(operation: Operation, schema: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    kind = LINES if operation.streams else JSON
    failures = {**_FAILURES, **operation.may_fail}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.scope.value],
        "parameters": [one.described for one in operation.parameters],
        "responses": {
            "200": {"description": operation.summary, "content": {kind: {"schema": schema}}},
            **{
                str(status): {"description": words, "content": {PROBLEM: {"schema": problem}}}
                for status, words in sorted(failures.items())
            },
        },
    }
