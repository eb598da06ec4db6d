"""An Elasticsearch with security and TLS, and an administrator who hands out roles and keys."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import trustme

from support import elasticsearch


@dataclass
class Secured:
    """A running server. Its administrator is in its file of users."""

    server: elasticsearch.Server
    ca: trustme.CA
    ca_file: Path
    certificate: trustme.LeafCert
    password: str

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def fingerprint(self) -> str:
        """Of the server's certificate: SHA-256 in hexadecimal."""
        pem = self.certificate.cert_chain_pems[0].bytes().decode()
        body = "".join(line for line in pem.splitlines() if "-----" not in line)
        return hashlib.sha256(base64.b64decode(body)).hexdigest()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """As the administrator."""
        login = base64.b64encode(f"admin:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        context = trustme_context(self.ca)
        request = Request(self.url + path, content, headers, method=method)
        with urlopen(request, timeout=30, context=context) as answer:
            return json.loads(answer.read())


def trustme_context(ca: trustme.CA) -> Any:
    import ssl

    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


@contextmanager
def secured(version: str) -> Iterator[Secured]:
    """A started server with security. Raises Missing."""
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1", "localhost")
    password = secrets.token_urlsafe(12)
    with elasticsearch.installed(version) as server:
        config = server.folder / "config"
        config.mkdir(parents=True)
        certificate.private_key_pem.write_to_path(config / "http.key")
        for number, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(config / "http.pem", append=number > 0)
        ca_file = server.folder / "ca.pem"
        ca.cert_pem.write_to_path(ca_file)
        (config / "users").write_text(f"admin:{hashed(password)}\n")
        (config / "users_roles").write_text("superuser:admin\n")
        server.settings = {
            "xpack.security.enabled": "true",
            "xpack.security.http.ssl.enabled": "true",
            "xpack.security.http.ssl.certificate": "http.pem",
            "xpack.security.http.ssl.key": "http.key",
        }
        server.login = ("admin", password, trustme_context(ca))
        server.start()
        yield Secured(server, ca, ca_file, certificate, password)


def hashed(password: str) -> str:
    """A password as the file of users takes it: PBKDF2 with SHA-512 and 10,000 rounds."""
    salt = os.urandom(32)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 10_000, 32)
    return "{PBKDF2}10000$" + "$".join(base64.b64encode(part).decode() for part in (salt, made))
