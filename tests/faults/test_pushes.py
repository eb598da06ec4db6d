"""A push, from the feed that names a hub to the article, by a daemon and its pages."""

from presswatch.archive import articles, runs
from support.deployment import Deployment
from support.elasticsearch import free_port
from support.hub import Hub, hub
from support.site import Site, serving


def test_a_push_is_read_at_once(deployment: Deployment) -> None:
    """The whole way, by a daemon: the feed names a hub, the hub makes sure, pushes, and is told goodbye."""
    with serving() as site, hub() as served:
        port = free_port()
        web = {"enabled": True, "listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"}
        deployment.configure([], web=web, crawl={"delay": "0s", "allow_addresses": [site.host]})
        source = f"name: Gazette\nstart: [{site.url}/feed]\nschedule: {{every: 12h}}\n"
        source += f"allow_addresses: ['{served.host}']\n"
        deployment.write("sources/gazette.yaml", source)
        publish(site, served, "one")
        deployment.start()
        deployment.wait_until("the hub being asked", lambda: served.asked)

        assert served.make_sure(topic=f"{site.url}/other")[0] == 404
        deployment.wait_until("the pages being served", lambda: served.make_sure() == (200, "a&b"))
        shown = deployment.run("sources", "show", "gazette").stdout
        assert f"the hub {served.url} of {site.url}/feed pushes until" in shown
        assert "no push has come so far" in shown

        deployment.wait_until("the first run's end", lambda: titles(deployment) == {"one"})
        publish(site, served, "one", "two")
        assert served.push(b"what is pushed is not read", secret="a guess") == 202
        assert served.push(b"what is pushed is not read") == 202
        deployment.wait_until("the pushed article", lambda: titles(deployment) == {"one", "two"})
        with deployment.archive() as archive, archive.reading() as tx:
            assert [run.trigger for run in runs.latest(tx)] == ["push", "schedule"]

        deployment.write("sources/gazette.yaml", f"{source}enabled: false\n")
        deployment.wait_until("a goodbye", lambda: served.asked[-1]["hub.mode"] == "unsubscribe")
        assert served.push(b"") == 410
        assert served.make_sure() == (200, "a&b")


def publish(site: Site, served: Hub, *names: str) -> None:
    for name in names:
        site.article(f"/{name}", f"What happened: {name}")
    items = "".join(
        f"<item><title>What happened: {name}</title><link>{site.url}/{name}</link></item>" for name in names
    )
    links = f'<atom:link rel="hub" href="{served.url}"/><atom:link rel="self" href="{site.url}/feed"/>'
    rss = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Gazette</title>'
    site.serve("/feed", f"{rss}{links}{items}</channel></rss>", content_type="application/rss+xml")


def titles(deployment: Deployment) -> set[str]:
    with deployment.archive() as archive, archive.reading() as tx:
        return {record.article.title.rpartition(" ")[2] for record in articles.since(tx, 0, 100)}
