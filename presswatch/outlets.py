"""Whose article it is: of the sources that found it, those whose own site it stands on."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from presswatch import urls

_USUAL_PORTS = {"80", "443"}
# Of what an outlet's feed leads to, so much stands on the outlet's own site.
ONE_SITE = 0.9


def outlets(url: str, finders: Sequence[str], hosts: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The outlets of the article at `url`, in the order of `finders`, the sources that found it.

    `hosts` has those of each source's start pages and of its site, each `host:port`. A source of the very
    host goes before those of the same site, as one publisher may have several outlets. Where nobody's
    site it is, as with what the feed of another service lists, all that found it stand for its outlet.
    """
    mine = _bare(urls.host(url))
    of_host = tuple(one for one in finders if mine in map(_bare, hosts.get(one, ())))
    if of_host:
        return of_host
    site = urls.site(url)
    of_site = (
        one for one in finders if any(urls.site(f"http://{host}/") == site for host in hosts.get(one, ()))
    )
    return tuple(of_site) or tuple(finders)


def led_to(starts: Iterable[str], articles: Sequence[Collection[str]]) -> str:
    """The home page of the outlet that start pages of other sites, as those of feed services, lead to.

    `articles` are some that they lead to, each with the addresses under which it stands. "" where these
    stand on the start pages' own site, or on several.
    """
    homes = Counter(home for one in articles for home in {urls.normalize("/", url) for url in one} if home)
    if not homes:
        return ""
    home, count = homes.most_common(1)[0]
    if count < ONE_SITE * len(articles) or any(urls.same_site(home, start) for start in starts):
        return ""
    return home


def _bare(host: str) -> str:
    """`host:port` without `www.`, and without a port that says only http or https."""
    name, _, port = host.rpartition(":")
    return urls.without_www(name if port in _USUAL_PORTS else host)
