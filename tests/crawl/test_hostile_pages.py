"""Pages that do their worst to the browser that renders them: read or told of, and no other suffers."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

from support.project import Project
from support.rendering import crawl, processes
from support.site import Site, article_html

NEVER = "while (true) {}"
# What the script of a page does, each at once with the others, while the article stays as it is.
BESIDES = f"""
    const add = (name, key, url) => {{ const one = document.createElement(name); one[key] = url;
        document.body.append(one); return one; }};
    onbeforeunload = () => 'stay';
    setInterval(() => {{ location.href = '/x?' + Math.random(); open('/popup?' + Math.random()); }}, 50);
    setTimeout(() => location.reload(), 200);
    setInterval(() => fetch('/api?' + Math.random()), 50);
    fetch('/hangs'); fetch('/login');
    for (let i = 0; i < 9; i++) {{ add('iframe', 'src', location.href); add('iframe', 'src', '/login'); }}
    const file = add('a', 'href', '/file'); file.download = 'file'; file.click(); location.href = '/file';
    if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js');
    new Worker(URL.createObjectURL(new Blob(['{NEVER}'])));
    for (let i = 0; i < 1e5; i++) console.log('x'.repeat(100), i);
    confirm(1); prompt(2); print(); close(); open('', '_self').close();
"""
READ = {
    "what it does besides": BESIDES,
    "a loop that never ends": NEVER,
    "timers that never rest": f"setInterval(() => {{ {NEVER} }}, 5)",
    "questions without end": "while (true) alert(1)",
    "names that mean something else": "for (const name of ['outerHTML', 'innerHTML']) Object.defineProperty("
    f"Element.prototype, name, {{get() {{ {NEVER} }}}})",
}
TOLD = {
    "a page that is too large": (
        "document.querySelector('article').append('more of it '.repeat(1e6))",
        "it is larger than is allowed",
    ),
    "a page that takes itself away": ("document.documentElement.remove()", "no text"),
}


def test_each_is_read_or_told_of_and_the_last_is_read_as_the_first(
    project: Project, site: Site, environment: dict[str, str]
) -> None:
    over = Event()

    def hang(_request: BaseHTTPRequestHandler) -> None:
        over.wait()

    site.answers["/hangs"] = hang
    site.serve("/file", b"PK", content_type="application/zip", headers={"Content-Disposition": "attachment"})
    site.serve("/login", status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    site.serve("/worker.js", "self.onfetch = () => {}", content_type="text/javascript")
    scripts = READ | {name: script for name, (script, _) in TOLD.items()} | {"nothing at all": ""}
    paths = {name: f"/story-{place:04}.html" for place, name in enumerate(scripts)}
    site.listing("/news", *paths.values())
    for name, script in scripts.items():
        page = article_html(f"The bridge over the river is closed by {name}")
        site.serve(paths[name], page.replace("</body>", f"<script>{script}</script></body>"))
    project.add_source("gazette", f"{site.url}/news", render=True)
    try:
        said = crawl(project, environment, "gazette")
    finally:
        over.set()
    kept = {article.article.title for article in project.articles()}
    wanted = {f"The bridge over the river is closed by {name}" for name in (*READ, "nothing at all")}
    assert kept == wanted, said
    for reason in (reason for _, reason in TOLD.values()):
        assert reason in said
    assert processes(environment) == []
    assert list(Path(environment["TMPDIR"]).glob("playwright*")) == [], "no profile is left"
