"""Sources whose pages are made by scripts, read in the system's Chromium."""

import socket
from contextlib import closing

import pytest

from support.program import run
from support.project import Project
from support.rendering import processes
from support.site import Site, article_html

SHELL = '<!doctype html><title>App</title><div id="app"></div><script src="/app.js"></script>'
# Lists and articles come from an interface for programs, articles when their reader comes near to them.
APP = """
    const data = location.pathname === '/news' ? '/api/list' : '/api' + location.pathname;
    const load = () => fetch(data).then((answer) => answer.text())
        .then((html) => { document.documentElement.innerHTML = html; });
    if (location.pathname === '/news') load();
    else {
        const far = document.createElement('div');
        document.querySelector('#app').style.height = '3000px';
        document.body.append(far);
        new IntersectionObserver(([seen]) => seen.isIntersecting && load()).observe(far);
    }
"""
INSIDE = "<html><body><div></div><script>fetch('http://127.0.0.1:9944')</script></body></html>"


def test_a_site_that_scripts_make_becomes_a_source_and_articles(
    project: Project, site: Site, environment: dict[str, str]
) -> None:
    paths = [f"/story-000{n}.html" for n in range(2)]
    for path in ("/news", *paths):
        site.serve(path, SHELL, headers={"ETag": '"shell"'})
    site.serve("/app.js", APP, content_type="text/javascript")
    site.serve("/inside-0003.html", INSIDE)
    site.listing("/api/list", *paths, "/inside-0003.html")
    for path in paths:
        site.article(f"/api{path}", f"The bridge over the river will be closed {path}")

    def told(*words: str, env: dict[str, str] = environment) -> str:
        done = run(["--config", str(project.folder), "--data", str(project.data), *words], env=env)
        return " ".join((done.stdout + done.stderr).split())

    lacking = "rendering needs a Chromium in PATH (apt install chromium)"
    without = environment | {"PATH": str(project.root)}
    for command in (("sources", "add"), ("sources", "test"), ("extract",)):
        assert lacking in told(*command, "--render", f"{site.url}/news", env=without)

    added = told("sources", "add", "--render", f"{site.url}/news", "--id", "gazette")
    summary = project.crawl("gazette", environment=environment)
    assert len(project.articles()) == 2, (added, summary)
    assert "inside-0003.html: it asks for what it may not reach: 127.0.0.1 is this machine itself" in added
    assert {asked.headers["User-Agent"].partition("/")[0] for asked in site.asked} == {"presswatch"}


# Each way out is tried, and then says so in the text of the article.
WAYS = """
    const inside = 'http://127.0.0.1:%(port)s';
    const tried = (way) => { const p = document.createElement('p'); p.textContent = way +
        ' was what the council had tried before its last meeting.';
        document.querySelector('article').append(p); };
    const add = (name, key, url) => { const one = document.createElement(name); one[key] = url;
        document.body.append(one); };
    fetch(inside + '/fetch', {mode: 'no-cors'});
    fetch(inside.replace('http', 'https'), {mode: 'no-cors'}).catch(() => tried('Encryption'));
    fetch('/redirected', {mode: 'no-cors'}).catch(() => tried('Redirect'));
    new WebSocket('ws://127.0.0.1:%(port)s/socket').onerror = () => tried('Socket');
    new EventSource(inside + '/events').onerror = function () { this.close(); tried('Events'); };
    const script = document.createElement('script'); script.src = inside + '/script';
    script.onerror = () => tried('Script'); document.head.append(script);
    const image = new Image(); image.src = inside + '/image'; image.onerror = () => tried('Image');
    add('iframe', 'src', inside + '/iframe'); add('iframe', 'src', '/redirected');
    add('iframe', 'src', 'file:///etc/passwd'); add('object', 'data', inside + '/object');
    navigator.sendBeacon(inside + '/beacon'); window.open(inside + '/popup');
    const called = new RTCPeerConnection({iceServers: [{urls: ['stun:127.0.0.1:%(port)s',
        'turn:127.0.0.1:%(port)s?transport=tcp'], username: 'a', credential: 'b'}]});
    called.createDataChannel('a');
    called.onicegatheringstatechange = () => { if (called.iceGatheringState === 'complete') tried('Call'); };
    called.createOffer().then((offer) => called.setLocalDescription(offer));
    new WebTransport(inside.replace('http', 'https') + '/').ready.catch(() => tried('Transport'));
    setTimeout(() => { location.href = inside + '/page'; }, 100);
"""


def test_no_way_out_of_a_page_leads_inside(project: Project, site: Site, environment: dict[str, str]) -> None:
    """By TCP or UDP, in any spelling; only the proxy and the site itself are connected to."""
    with closing(socket.socket()) as inside, closing(socket.socket(type=socket.SOCK_DGRAM)) as datagrams:
        inside.bind(("127.0.0.1", 0))
        inside.listen()
        inside.settimeout(0)
        port = inside.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        datagrams.settimeout(0)
        site.listing("/news", "/story-0001.html")
        site.article("/story-0001.html", "The bridge over the river will be closed")
        page = article_html("The bridge over the river will be closed")
        site.serve(
            "/story-0001.html", page.replace("</body>", f"<script>{WAYS % {'port': port}}</script></body>")
        )
        site.redirect("/redirected", f"http://127.0.0.1:{port}/secret")
        project.add_source("gazette", f"{site.url}/news", render=True)

        summary = project.crawl("gazette", environment=environment)

        for refused in (inside.accept, lambda: datagrams.recv(2000)):
            with pytest.raises(BlockingIOError):
                refused()
    [article] = project.articles()
    for way in ("Encryption", "Script", "Socket", "Events", "Image", "Call", "Transport"):
        assert f"{way} was what" in article.article.text, (article.article.text, summary)
    assert processes(environment) == []
