# ruff: noqa: E501  # a page made to be slow stays on its own line
"""Reading takes no more than in proportion to the page: every reader on pages made to be slow."""

import json
import subprocess
import sys
import textwrap
from itertools import pairwise

import pytest

PROSE = "The harbour board decided on Tuesday to widen the northern basin by twenty metres, it said."
# Each as an expression of n; `P(n)` are n paragraphs.
ARTICLES = {
    "paragraphs": "page(P(n))",
    "lines": "page('<p>' + '<br>'.join(f'{PROSE} {i}' for i in range(n)) + '</p>')",
    "cards": "page(P(5) + ''.join(card(i) for i in range(n)))",
    "headings": "page(''.join(f'<h2>Part {i}</h2><p>{PROSE} {i}</p>' for i in range(n)))",
    "times": "page(''.join(f'<time datetime=2026-11-0{i % 9 + 1}>x</time><p>{PROSE} {i}</p>' for i in range(n)))",
    "spans": "page('<p>' + ''.join(f'<span>word{i} </span>' for i in range(8 * n)) + '</p>')",
    "rows": "page(P(5) + '<table>' + ''.join(f'<tr><td>row {i}<td>{i}</tr>' for i in range(n)) + '</table>')",
    "drawings": "page(''.join(f'<svg><p>{PROSE} {i}</svg>' for i in range(n)))",
    "ends": "page(''.join(f'<p>{PROSE} {i}</p></html>' for i in range(n)))",
    "canonicals": "page(P(5), ''.join(f'<link rel=canonical href=/a/{i}>' for i in range(8 * n)))",
    "attributes": "page('<div ' + ' '.join(f'a{i}=x' for i in range(25 * n)) + f'>{P(20)}</div>')",
    "declarations": "'<!DOCTYPE ' * 200 * n + page(P(20))",
    "titles": "page(f'<h1>{\"Quay - x \" * 40 * n}</h1>{P(20)}', f'<title>{\"Quay | x \" * 40 * n}</title>')",
    "JSON-LD": "page(P(20), '<script type=application/ld+json>' + '{' * n + '</script>')",
    "objects": "page(P(20), '<script type=application/ld+json>[' + '{\"@type\":\"NewsArticle\"},' * n + ']</script>')",
    "one word": "page('<p>' + 'a' * 200 * n + '</p>' + P(20))",
    "mojibake": "(page('<p>' + 'größer und höher, ' * 10 * n + '</p>' + P(5)).encode('cp1252') + b'\\xff\\x81\\xd0' * n)",
}
STARTS = {
    "listing": "page(''.join(card(i) for i in range(n)))",
    "RSS": "'<rss><channel>' + ''.join(f'<item><title>T<link>/a/{i}</link></item>' for i in range(4 * n))",
    "open RSS": "'<rss><channel>' + '<item><title>' * n",
    "DTD": "'<!DOCTYPE rss [' * 80 * n + '<rss></rss>'",
    "DTDs": "'<rss>' + '<!DOCTYPE ' * 80 * n",
    "comments": "'<!--' * 400 * n + '<rss></rss>'",
    "sitemap": "'<urlset>' + ''.join(f'<url><loc>https://p.example/a/{i}</loc></url>' for i in range(4 * n))",
    "addresses": "'\\n'.join(f'https://p.example/a/{i}' for i in range(8 * n))",
    "JSON": "'{\"items\": ' + '[' * 400 * n",
}
SHOWN = {
    "lines": ARTICLES["lines"],
    "titles": ARTICLES["titles"],
    "nested headings": "page(f'<h1>Quay {\"<h2>Quay\" * 4 * n}</h1>{P(20)}')",
}
ROBOTS = {"robots": "'User-agent: *\\nDisallow: /a\\n' * 4 * n", "spaces": "'Disallow' + ' ' * 4000 * n"}
# In a process of its own: the best of five readings of each size, in CPU time.
MEASURE = """
    import gc, json, logging, sys, time
    from datetime import UTC, datetime
    from crawler import robots
    from crawler.extract import read_article, read_start_page, traits
    from presswatch.model import Hints, Page

    logging.disable(logging.CRITICAL)
    PROSE = {prose!r}
    NOW, URL = datetime(2026, 11, 20, tzinfo=UTC), "https://p.example/2026/11/quay"

    def P(n):
        return "".join(f"<p>{{PROSE}} {{i}}</p>" for i in range(n))

    def card(i):
        return f"<div><h3><a href=/a/{{i}}/quay-to-be-widened>The quay is to be widened by {{i}} m</a></h3><p>{{PROSE}}</p></div>"

    def page(body, head="<title>Quay</title>"):
        return f"<html><head>{{head}}</head><body><article><h1>Quay</h1>{{body}}</article></body></html>"

    def read(body):
        body = body if isinstance(body, bytes) else body.encode()
        {read}

    def cost(body):
        best = 60.0
        for _ in range(5):
            began = time.process_time()
            read(body)
            best = min(best, time.process_time() - began)
        return best

    make = lambda n: {make}
    read(make(10))
    # Its sweeps come at sizes of their own choosing.
    gc.disable()
    print(json.dumps([cost(make(n)) for n in (100, 200, 400, 800)]))
"""
READ = {
    "article": "read_article(Page(URL, URL, 200, NOW, body, 'text/html'), Hints())",
    "start": "read_start_page(Page(URL, URL, 200, NOW, body, 'text/html'), Hints())",
    "traits": "traits(Page(URL, URL, 200, NOW, body, 'text/html'), Hints())",
    "robots": "robots.parse(body)",
}
CASES = [
    pytest.param(READ[reader], make, id=f"{reader}: {name}")
    for reader, makes in (("article", ARTICLES), ("start", STARTS), ("traits", SHOWN), ("robots", ROBOTS))
    for name, make in makes.items()
]
# What a doubling may cost, and seconds below which a size says nothing of the next.
MOST, NOTHING = 2.5, 0.05


def costs(read: str, make: str) -> list[float]:
    script = textwrap.dedent(MEASURE).format(prose=PROSE, read=read, make=make)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    told: list[float] = json.loads(ended.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize(("read", "make"), CASES)
def test_time_grows_no_faster_than_the_page(read: str, make: str) -> None:
    # A machine that does other things as well may slow down one run, and not three in a row.
    for _ in range(3):
        told = costs(read, make)
        if all(after <= MOST * before or after < NOTHING for before, after in pairwise(told)):
            return
    pytest.fail(f"seconds for 100, 200, 400 and 800: {', '.join(f'{cost:.3f}' for cost in told)}")
