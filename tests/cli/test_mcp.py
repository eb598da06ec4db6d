"""An assistant asks the archive, through the official client and the real process."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from mcp import StdioServerParameters
from mcp.client.client import Client

from presswatch.archive import Archive
from presswatch.search.embedded import EmbeddedIndex
from support.indexing import drain
from support.newsroom import Newsroom


@pytest.fixture
def server(archive: Archive, tmp_path: Path) -> StdioServerParameters:
    """An installation with one article."""
    folder, data = tmp_path / "config", archive.path.parent
    folder.mkdir()
    (folder / "presswatch.yaml").write_text(yaml.safe_dump({"contact": "desk@gazette.example"}))
    Newsroom(archive).publish(
        "https://gazette.example/1", "The ferry ran aground at dawn.", title="Ferry aground"
    )
    index = EmbeddedIndex(data / "index.sqlite")
    drain(archive, index)
    index.close()
    folders = ["--config", str(folder), "--data", str(data)]
    return StdioServerParameters(command=sys.executable, args=["-m", "presswatch", *folders, "mcp"])


def ask(server: StdioServerParameters, *calls: tuple[str, dict[str, Any]]) -> list[tuple[bool, str]]:
    """What the tools answer in turn: whether it is an error, and the text."""

    async def asked() -> list[tuple[bool, str]]:
        async with Client(server) as client:
            answers = [await client.call_tool(name, arguments) for name, arguments in calls]
            return [(bool(one.is_error), one.model_dump()["content"][0]["text"]) for one in answers]

    return asyncio.run(asked())


def test_an_assistant_finds_an_article_and_reads_it(server: StdioServerParameters) -> None:
    [(failed, said)] = ask(server, ("searchArticles", {"q": "ferry", "limit": 5}))
    assert not failed
    [found] = json.loads(said)["articles"]
    assert found["article"]["url"] == "https://gazette.example/1"
    [(failed, said)] = ask(server, ("article", {"id": found["article"]["id"]}))
    assert not failed
    assert json.loads(said)["record"]["article"]["title"] == "Ferry aground"


def test_an_assistant_is_told_what_it_asked_wrongly(server: StdioServerParameters) -> None:
    answers = ask(
        server,
        ("searchArticles", {"q": "ferry AND ("}),
        ("searchArticles", {"colour": "red"}),
        ("article", {}),
        ("article", {"id": "none"}),
        ("removeArticle", {"id": "none"}),
    )
    assert [failed for failed, _said in answers] == [True] * 5
    parts = ["(", "no parameter 'colour'", "id is missing", "no article none", "no tool"]
    assert all(part in said for (_failed, said), part in zip(answers, parts, strict=True))


def test_tools_only_read_and_explain_themselves(server: StdioServerParameters) -> None:
    async def listed() -> tuple[Any, str | None]:
        async with Client(server) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = asyncio.run(listed())
    assert {tool.name for tool in tools} >= {"searchArticles", "article", "story", "watches"}
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    assert instructions is not None
    assert "Cite" in instructions
