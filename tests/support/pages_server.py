"""The web application at work on loopback, asked over real HTTP."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import uvicorn
import yaml

from presswatch import config
from presswatch.config.reload import Configured
from presswatch.web.application import application
from support.newsroom import Newsroom
from support.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; `buttons` are the forms: the address, and what each of its buttons sends.

    `cookies` are all that it sets, as it says them.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def buttons(self) -> dict[str, tuple[str, dict[str, str]]]:
        found: dict[str, tuple[str, dict[str, str]]] = {}
        forms = re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', self.text, re.DOTALL)
        for address, form in forms:
            given = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"[^>]*>', form)
            hidden = {name: unescape(value) for name, value in given}
            for attributes, words in re.findall(r"<button([^>]*)>(.*?)</button>", form):
                own = dict(re.findall(r'name="(\w+)" value="(\w*)"', attributes))
                found.setdefault(words, (address, hidden | own))
        return found


@dataclass(slots=True)
class Pages:
    """A running application, with verbs for those who ask it, as a browser that keeps its cookie.

    `headers` go with every request.
    """

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def another(self, **headers: str) -> "Pages":
        """Another browser."""
        return Pages(self.port, headers)

    def get(self, address: str, **headers: str) -> Answer:
        return self._ask("GET", address, None, headers)

    def post(
        self, address: str, fields: Mapping[str, str | list[str]] | None = None, **headers: str
    ) -> Answer:
        return self._ask("POST", address, urlencode(fields or {}, doseq=True), headers)

    def send(self, address: str, body: bytes, content_type: str) -> Answer:
        """Post a body as it is."""
        return self._ask("POST", address, body, {"content-type": content_type})

    def press(self, answer: Answer, words: str) -> Answer:
        """Press the button of a page with these words."""
        address, fields = answer.buttons[words]
        return self.post(address, fields)

    def _ask(self, method: str, address: str, body: str | bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = (self.headers | dict(headers)).items()
        named = {name.replace("_", "-"): value for name, value in given}
        if body is not None:
            named.setdefault("content-type", "application/x-www-form-urlencoded")
        try:
            asked = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, asked, body, named)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        got = {name.lower(): value for name, value in answer.getheaders()}
        if kept := got.get("set-cookie"):
            self.headers["Cookie"] = kept.partition(";")[0]
        cookies = tuple(value for name, value in answer.getheaders() if name.lower() == "set-cookie")
        return Answer(answer.status, got, content, cookies)


@contextmanager
def served(
    newsroom: Newsroom,
    folder: Path,
    settings: Mapping[str, object],
    watch: Mapping[str, object],
    data: Path | None = None,
) -> Iterator[Pages]:
    """The pages of an archive, with a configuration of these settings and one watch, `ferries`.

    The index is in the folder `data`, the one that holds `folder` if nothing else is said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "presswatch.yaml").write_text(yaml.safe_dump(dict(settings)))
    for id_ in ("gazette", "herald"):
        config.write_source(folder, id_, {"name": id_.title(), "start": ["https://gazette.example/"]})
    config.write_watch(folder, "ferries", {"name": "Ferries", "query": "ferry", **watch})
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application(newsroom.archive, Configured(folder), data or folder.parent, lambda: newsroom.now),
            log_config=None,
            lifespan="off",
            proxy_headers=False,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    wait_until(lambda: server.started, lambda: "the pages are not served")
    try:
        yield Pages(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
