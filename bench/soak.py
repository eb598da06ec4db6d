"""The daemon killed again and again while the press goes on: `make soak` (KILLS=n, SEED=n).

Twenty outlets on loopback publish, edit, delete, rename and redirect; SMTP and Elasticsearch come and go; a
silent, a dripping and an endless host stand beside them. When the faults have ended, everything must be in
the archive and in the index once, every match must be there and every mail have arrived. The last line is
JSON.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from presswatch.search import Index
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.embedded import EmbeddedIndex
from support import PATIENCE, elasticsearch, reaper
from support.deployment import Deployment
from support.soak import left_over, settle, soaking, torment


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    reaper.begin()
    folder = Path(tempfile.mkdtemp(prefix="presswatch-soak-"))
    deployment, began = Deployment(folder), time.monotonic()
    with ExitStack() as stack:
        stack.callback(deployment.end)
        try:
            server = stack.enter_context(elasticsearch.running("9.4.3"))
        except elasticsearch.Missing as missing:
            print(f"{missing}; the embedded index takes its place", file=sys.stderr)
            server = None

        def index() -> Index:
            if server is None:
                return EmbeddedIndex(deployment.data / "index.sqlite")
            return ElasticsearchIndex(ElasticsearchConfig(urls=(server.url,)))

        soak = stack.enter_context(soaking(deployment, chosen.seed, index, server))
        torment(soak, chosen.kills, tell)
        wrong = settle(soak, tell)
        deployment.daemon.send_signal(signal.SIGTERM)
        code = deployment.daemon.wait(PATIENCE)
        wrong += [f"the daemon ended with {code}"] if code else []
        wrong += left_over(soak)
        figures = {
            "seed": chosen.seed,
            "killed": dict(soak.kills),
            "happened": dict(soak.town.happened),
            "published": sum(len(outlet.stories) for outlet in soak.town.outlets),
            **soak.figures(),
            "seconds": round(time.monotonic() - began),
            "wrong": wrong,
        }
        soak.index.close()
    print(file=sys.stderr)
    if wrong:
        print(f"the data is left in {folder}", file=sys.stderr)
    print(json.dumps(figures))
    return 1 if wrong else 0


def tell(said: str) -> None:
    """On one line of a terminal, or a line each."""
    if sys.stderr.isatty():
        print(f"\r{said:70}", end="", file=sys.stderr)
    else:
        print(said, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
