"""The index built anew from 100,000 articles while others arrive, killed twice: `make bench-reindex`.

Somebody searches all the while. The last line is the result as JSON.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from presswatch.archive import Archive
from support import elasticsearch
from support.deployment import Deployment
from support.reindexing import Reader, Rebuilding


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, elasticsearch.running("9.4.3") as server:
        deployment = Deployment(Path(folder))
        rebuilding, reader = Rebuilding(deployment, server.url), Reader(server.url)
        with Archive.open(deployment.data / "archive.sqlite") as archive:
            begin = time.perf_counter()
            rebuilding.arrive(archive, count)
            print(f"{count:,} articles kept and fed in {time.perf_counter() - begin:.0f} s", flush=True)
            begin = time.perf_counter()
            with reader.searching():
                for part in (4, 2):
                    process = rebuilding.begin()
                    rebuilding.wait_until_built(process, count // part)
                    process.kill()
                    process.wait()
                    print(f"killed at {count // part:,}", flush=True)
                    rebuilding.arrive(archive, 100)
                process = rebuilding.begin()
                rebuilding.wait_until_built(process, count // 2 + 1)
                rebuilding.arrive(archive, 100)
                exit_code = process.wait()
            took = time.perf_counter() - begin
            result = {
                "bench": "reindex",
                "articles": rebuilding.made,
                "seconds": round(took),
                "kills": 2,
                "exit_code": exit_code,
                "differing": rebuilding.differing(archive),
                "searches_answered": reader.answered,
                "searches_failed": len(reader.failed),
                "fewest_found": reader.fewest,
            }
        rebuilding.index.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
