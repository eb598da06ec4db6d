"""newspaper4k, in an environment of its own: told pages on standard input, it says what it reads of each.

A line in is `{"page": path of a gzipped page, "url": …}`, a line out its reading with the seconds it took.
"""

import gzip
import json
import sys
import time
from pathlib import Path
from typing import Any


def read(html: str, url: str) -> dict[str, Any]:
    import newspaper  # type: ignore[import-not-found]  # it is in its own environment only

    article = newspaper.Article(url, fetch_images=False)
    article.download(input_html=html)
    article.parse()
    published = article.publish_date
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": published.isoformat() if published else None,
        "text": article.text,
    }


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        html = gzip.decompress(Path(asked["page"]).read_bytes()).decode("utf-8", "replace")
        begun = time.perf_counter()
        try:
            said = read(html, asked["url"])
        except Exception as error:  # whatever it raises is its answer
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({**said, "seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    main()
