"""Pages that do their worst to the browser that renders them: read or told of, and no other suffers."""

from http.server import BaseHTTPRequestHandler
from threading import Event

from support.project import Project
from support.rendering import processes, profiles
from support.site import Site, article_html

NEVER = "while (true) {}"
# What the script of a page does, each at once with the others, while the article stays as it is.
BESIDES = f"""
    const add = (name, key, url) => {{ const one = document.createElement(name); one[key] = url;
        document.body.append(one); return one; }};
    onbeforeunload = () => 'stay';
    setInterval(() => {{ location.href = '/x?' + Math.random(); open('/popup?' + Math.random()); }}, 200);
    setTimeout(() => location.reload(), 200);
    setInterval(() => fetch('/api?' + Math.random()), 200);
    fetch('/hangs'); fetch('/login');
    for (let i = 0; i < 9; i++) {{ add('iframe', 'src', location.href); add('iframe', 'src', '/login'); }}
    const file = add('a', 'href', '/file'); file.download = 'file'; file.click(); location.href = '/file';
    if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js');
    setTimeout(() => new Worker(URL.createObjectURL(new Blob(['{NEVER}']))), 2000);
    for (let i = 0; i < 1e5; i++) console.log('x'.repeat(100), i);
    confirm(1); prompt(2); print(); close(); open('', '_self').close();
"""
# Names mean something else, and the script that says so never ends.
QUESTIONS = f"""
    for (const name of ['outerHTML', 'innerHTML'])
        Object.defineProperty(Element.prototype, name, {{get() {{ {NEVER} }}}});
    while (true) alert(1);
"""
READ = {
    "what it does besides": BESIDES,
    "questions without end": QUESTIONS,
    "timers that never rest": f"setInterval(() => {{ {NEVER} }}, 5)",
}
TOLD = {
    "a page that is too large": "document.querySelector('article').append('more of it '.repeat(1e5))",
    "a page that takes itself away": "document.documentElement.remove()",
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
    scripts = READ | TOLD | {"nothing at all": ""}
    paths = {name: f"/story-{place:04}.html" for place, name in enumerate(scripts)}
    site.listing("/news", *paths.values())
    for name, script in scripts.items():
        page = article_html(f"The bridge over the river is closed by {name}")
        site.serve(paths[name], page.replace("</body>", f"<script>{script}</script></body>"))
    project.configure(allow=[site.host], timeout="12s", max_page_size="1MiB")
    project.add_source("gazette", f"{site.url}/news", render=True)
    try:
        summary = project.crawl("gazette", environment=environment)
    finally:
        over.set()
    kept = {article.article.title for article in project.articles()}
    wanted = {f"The bridge over the river is closed by {name}" for name in (*READ, "nothing at all")}
    assert kept == wanted, summary
    assert [trouble.reason for trouble in summary.troubles] == ["it is larger than is allowed"]
    assert summary.rejected == {"no text": 1}
    assert processes(environment) == []
    assert profiles(environment) == set()
