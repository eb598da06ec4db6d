"""What the daemon says of a site that it looked at, as the archive keeps it."""

import json

from presswatch.model import Facts, to_json

SITE = "https://courier.example/"
FEED = "https://courier.example/feed"
START = {
    "url": FEED,
    "kind": "feed",
    "how": "declared",
    "why": "its 12 recent articles <b>",
    "chosen": True,
    "fetches": 1,
    "count": 12,
    "newest": "2026-11-20T10:00:00+00:00",
    "links": [{"url": "javascript:alert(1)", "title": "Ferry </script> aground"}],
}
SAMPLE = {
    "url": "https://courier.example/1",
    "kind": "",
    "reason": "",
    "title": "Ferry <i>aground</i>",
    "published": "2026-11-20T10:00:00+00:00",
    "authors": ["Jane"],
    "section": "",
    "words": 210,
}
PROPOSAL = {
    "url": SITE,
    "name": "The Courier",
    "zone_reason": "its times",
    "pace_reason": "12 articles in 5 days",
    "reason": "",
    "notes": ["a note"],
    "warnings": [],
    "starts": [START, START | {"url": SITE, "kind": "listing", "chosen": False, "newest": None}],
    "samples": [SAMPLE, {"url": f"{SITE}2", "kind": "login page", "reason": "a form", "title": ""}],
    "source": {
        "name": "The Courier",
        "start": [FEED],
        "schedule": {"every": "1h"},
        "language": "en",
        "time_zone": "Europe/London",
    },
    "facts": json.loads(to_json(Facts(title_ends=(" | The Courier",), pages=3))),
}
