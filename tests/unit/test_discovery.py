"""The decisions of finding out a site: what to try next, what to take, how often, in which zone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.candidates import (
    BELOW,
    FEEDS,
    NEWS,
    SITEMAPS,
    Candidate,
    Clues,
    Role,
    Tried,
    next_candidate,
    set_aside,
)
from crawler.discovery.choice import MOST_STARTS, Start, choose, samples_of
from crawler.discovery.facts import facts, own_site, times
from crawler.discovery.naming import language, site_name
from crawler.discovery.pace import STEPS, UNKNOWN, pace
from crawler.discovery.results import Sample
from crawler.discovery.warnings import warnings
from crawler.discovery.zones import guess_zone, say_offset
from crawler.extract.start.site_probe import LinkCandidate, SiteMetadata
from presswatch.model import Article, Link, LinkKind, Listing, Moment, PageKind, Precision

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITE = "https://gazette.example"


def moment(hours: float) -> Moment:
    return Moment(NOW - timedelta(hours=hours), 0, Precision.SECOND, "feed", "")


def links(kind: LinkKind, names: str, hours: float | None = 1) -> tuple[Link, ...]:
    """A link for each letter; the first is so many hours old, each next an hour more. None: without times."""
    return tuple(
        Link(f"{SITE}/{name}", kind, candidate, name, None if hours is None else moment(hours + candidate))
        for candidate, name in enumerate(names)
    )


def feed(path: str, names: str, hours: float | None = 1) -> Tried:
    candidate = Candidate(SITE + path, Role.FEED, "declared in the page")
    return Tried(candidate, candidate.url, Listing(LinkKind.FEED, links(LinkKind.FEED, names, hours)))


def sitemap(path: str, names: str, hours: float = 1, pages: Sequence[str] = (), part_of: str = "") -> Tried:
    candidate = Candidate(
        SITE + path, Role.FURTHER if part_of else Role.SITEMAP, "named in robots.txt", part_of
    )
    found = Listing(
        LinkKind.SITEMAP, links(LinkKind.SITEMAP, names, hours), tuple(SITE + page for page in pages)
    )
    return Tried(candidate, candidate.url, found)


def listing(
    path: str, names: str, role: Role = Role.SECTION, following: str = "", part_of: str = ""
) -> Tried:
    candidate = Candidate(SITE + path, role, "section", part_of)
    pages = (SITE + following,) if following else ()
    return Tried(
        candidate, candidate.url, Listing(LinkKind.LISTING, links(LinkKind.LISTING, names, None), pages)
    )


def useless(path: str, role: Role) -> Tried:
    return Tried(Candidate(SITE + path, role, ""), SITE + path, reason="answered 404 Not Found")


def taken(tried: Sequence[Tried]) -> list[str]:
    return [start.url.removeprefix(SITE) for start in choose(tried, NOW) if start.chosen]


def whys(tried: Sequence[Tried]) -> dict[str, str]:
    return {start.url.removeprefix(SITE): start.why for start in choose(tried, NOW)}


def clues(home: SiteMetadata | None = None, sitemaps: Sequence[str] = (), *, whole: bool = True) -> Clues:
    return Clues(f"{SITE}/", home or SiteMetadata(), tuple(sitemaps), whole)


def way(known: Clues, answers: dict[str, Tried], first: Sequence[Tried] = ()) -> Iterator[str]:
    """The paths that are tried one after another when these answer and nothing else does."""
    tried = list(first)
    while candidate := next_candidate(known, tried):
        path = candidate.url.removeprefix(SITE)
        yield path
        found = answers.get(path)
        listing = found.listing if found else None
        tried.append(Tried(candidate, candidate.url, listing, "" if listing else "answered 404 Not Found"))


def test_what_is_declared_comes_first_and_ends_the_guessing() -> None:
    home = SiteMetadata(
        declared=(LinkCandidate(f"{SITE}/declared.rss"),),
        linked=(LinkCandidate(f"{SITE}/linked.rss"),),
        sections=(LinkCandidate(f"{SITE}/sport/", "Sport"),),
    )
    found = {"/declared.rss": feed("/declared.rss", "abc"), "/named.xml": sitemap("/named.xml", "abc")}
    known = clues(home, [f"{SITE}/named.xml"])
    assert list(way(known, found)) == ["/declared.rss", "/linked.rss", "/named.xml", "/sport/"]
    assert list(way(known, {})) == [
        *("/declared.rss", "/linked.rss", *FEEDS),
        *("/named.xml", *SITEMAPS, "/sport/", *NEWS),
    ]


def test_guessing_ends_with_the_first_that_is_found() -> None:
    found = {"/rss.xml": feed("/rss.xml", "abc"), "/sitemap.xml": sitemap("/sitemap.xml", "abc")}
    assert list(way(clues(), found)) == [*FEEDS[: FEEDS.index("/rss.xml") + 1], "/sitemap.xml"]


def test_an_engine_is_asked_for_its_feed_before_others_are_guessed() -> None:
    home = SiteMetadata(engine_feeds=("spip.php?page=backend", "?format=feed"))
    own = feed("/spip.php?page=backend", "abc")
    asked = list(way(clues(home), {"/spip.php?page=backend": own}))
    assert [path for path in asked if path not in SITEMAPS] == ["/spip.php?page=backend"]
    asked = list(way(clues(home), {}))
    assert asked[:3] == ["/spip.php?page=backend", "/?format=feed", FEEDS[0]]
    home = replace(home, declared=(LinkCandidate(f"{SITE}/declared.rss"),))
    asked = list(way(clues(home), {"/declared.rss": feed("/declared.rss", "abc")}))
    assert not [path for path in asked if "?" in path], "one that is declared is enough"


def test_the_engine_of_a_given_listing_has_its_own_feed() -> None:
    known = Clues(f"{SITE}/news", SiteMetadata(engine_feeds=("?format=rss", "RSS")), (), whole=False)
    given_ = listing("/news", "abc", Role.GIVEN)
    assert list(way(known, {}, [given_]))[:2] == ["/news?format=rss", "/news/RSS"]


def test_an_index_is_followed_a_few_children_deep() -> None:
    pages = [f"/part-{number}.xml" for number in range(9)]
    found = {"/all.xml": sitemap("/all.xml", "", pages=pages)}
    tried = list(way(clues(sitemaps=[f"{SITE}/all.xml"]), found))
    assert [path for path in tried if path not in FEEDS] == ["/all.xml", *pages[:3]]


def test_a_site_that_leads_to_a_folder_may_have_its_feed_there() -> None:
    known = Clues(f"{SITE}/en/", SiteMetadata(), (), whole=True)
    asked = list(way(known, {"/en/feed": feed("/en/feed", "abc")}))
    assert asked[: len(FEEDS) + 1] == [*FEEDS, "/en/feed"]
    assert "/en/rss" not in asked


def test_an_index_of_indexes_is_followed_to_their_sitemaps() -> None:
    within = sitemap("/2026.xml", "", pages=["/11.xml", "/10.xml"], part_of=f"{SITE}/all.xml")
    found = {"/all.xml": sitemap("/all.xml", "", pages=["/2026.xml"]), "/2026.xml": within}
    tried = list(way(clues(sitemaps=[f"{SITE}/all.xml"]), found))
    assert [path for path in tried if path not in FEEDS][:4] == [
        "/all.xml",
        "/2026.xml",
        "/11.xml",
        "/10.xml",
    ]


def test_a_page_of_feeds_leads_to_them() -> None:
    directory = Candidate(f"{SITE}/rss", Role.FEED, "at a usual address")
    listed = tuple(LinkCandidate(f"{SITE}/rss/{name}.xml") for name in ("top", "sport"))
    tried = Tried(directory, directory.url, reason="it is a listing, no feed", feeds=listed)
    candidate = next_candidate(clues(), [tried])
    assert candidate == Candidate(f"{SITE}/rss/top.xml", Role.FEED, f"listed at {SITE}/rss")


def test_the_sections_that_the_home_page_shows_most_of_come_first() -> None:
    home = SiteMetadata(
        sections=tuple(LinkCandidate(f"{SITE}/{name}/", name) for name in ("offers", "sport", "politics"))
    )
    first = listing("/", "", Role.GIVEN)
    shown = ("politics/a", "sport/b", "politics/c", "sportsmen/d", "sportsmen/e")
    found = tuple(Link(f"{SITE}/{name}", LinkKind.LISTING, 0) for name in shown)
    assert first.listing is not None
    first = replace(first, listing=replace(first.listing, links=found))
    tried = [path for path in way(clues(home), {}, [first]) if path not in (*FEEDS, *SITEMAPS)]
    assert tried == ["/politics/", "/sport/", "/offers/"]


def test_the_news_among_named_sitemaps_come_first() -> None:
    named = [f"{SITE}/{name}.xml" for name in ("video-sitemap", "archive", "sitemap-2019-news", "news")]
    tried = list(way(clues(sitemaps=named), {}))
    assert [path for path in tried if path not in (*FEEDS, *SITEMAPS, *NEWS)] == [
        *("/news.xml", "/archive.xml", "/sitemap-2019-news.xml", "/video-sitemap.xml"),
    ]


def test_of_a_given_page_only_what_goes_on_with_it_is_tried() -> None:
    first = listing("/news", "abc", Role.GIVEN, following="/news?p=2")
    found = {"/news?p=2": listing("/news?p=2", "def", following="/news?p=3")}
    found["/news?p=3"] = listing("/news?p=3", "ghi", following="/news?p=4")
    home = SiteMetadata(declared=(LinkCandidate(f"{SITE}/feed"), LinkCandidate(f"{SITE}/news/feed.json")))
    known = replace(clues(home, whole=False), base=f"{SITE}/news")
    assert list(way(known, found, [first])) == ["/news/feed.json", "/news?p=2", "/news?p=3"]
    assert list(way(replace(known, home=SiteMetadata()), found, [first])) == [
        *(f"/news{path}" for path in BELOW),
        *("/news?p=2", "/news?p=3"),
    ]
    linked = SiteMetadata(linked=(LinkCandidate(f"{SITE}/news/index.xml"), LinkCandidate(f"{SITE}/rss")))
    assert next(way(replace(known, home=linked), found, [first])) == "/news/index.xml"
    asked = replace(known, home=SiteMetadata(), base=f"{SITE}/news?topic=river")
    assert list(way(asked, found, [first])) == ["/news?p=2", "/news?p=3"]


def test_a_section_leads_to_its_feed_where_the_site_has_none() -> None:
    home = SiteMetadata(sections=(LinkCandidate(f"{SITE}/blog/", "Blog"),))
    blog = replace(listing("/blog/", "abc"), feeds=(LinkCandidate(f"{SITE}/blog/posts.atom"),))
    candidate = next_candidate(
        clues(home), [*(useless(path, Role.FEED) for path in (*FEEDS, *SITEMAPS)), blog]
    )
    assert candidate == Candidate(f"{SITE}/blog/posts.atom", Role.FEED, f"declared in {SITE}/blog/")
    undeclared = {"/blog/": listing("/blog/", "abc")}
    tried = [path for path in way(clues(home), undeclared) if path not in (*FEEDS, *SITEMAPS)]
    assert tried == ["/blog/", *(f"/blog{path}" for path in BELOW)]


@given(st.sets(st.sampled_from([*FEEDS, *SITEMAPS, "/a.rss", "/b.xml", "/s/"])))
def test_nothing_is_tried_twice_and_it_ends(answering: set[str]) -> None:
    home = SiteMetadata(
        declared=(LinkCandidate(f"{SITE}/a.rss"),),
        sections=(LinkCandidate(f"{SITE}/s/"), LinkCandidate(f"{SITE}/s/")),
    )
    found = {path: sitemap(path, "abc", pages=["/b.xml", path, "/c.xml"]) for path in answering}
    tried = list(way(clues(home, [f"{SITE}/b.xml"]), found))
    assert len(tried) == len(set(tried)) < 40


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (LinkCandidate(f"{SITE}/comments/feed/"), "a feed of comments"),
        (LinkCandidate(f"{SITE}/x.rss", "Gazette » Kommentar-Feed"), "a feed of comments"),
        (LinkCandidate(f"{SITE}/podcast.rss"), "a feed of recordings"),
    ],
)
def test_feeds_that_are_told_by_their_names(offer: LinkCandidate, why: str) -> None:
    [aside] = set_aside(SiteMetadata(declared=(offer, LinkCandidate(f"{SITE}/opinion.rss", "Kommentare"))))
    assert (aside.url, aside.reason) == (offer.url, why)
    assert next_candidate(clues(SiteMetadata(declared=(offer,))), [aside]) != aside.candidate


def test_a_copy_and_a_cut_copy_are_told() -> None:
    tried = [
        feed("/short", "abc"),
        feed("/long", "abcdefgh"),
        feed("/same", "abcdefgh"),
        listing("/", "abcd"),
    ]
    assert taken(tried) == ["/long"]
    assert whys(tried) == {
        "/long": "its 8 recent articles",
        "/short": f"its 3 recent articles are among the 8 of {SITE}/long",
        "/same": f"the same articles as {SITE}/long",
        "/": f"its 4 recent articles are among the 8 of {SITE}/long",
    }


def test_what_several_show_together_is_taken_with_the_fewest_fetches() -> None:
    index = sitemap("/all.xml", "", pages=["/news.xml", "/old.xml"])
    news = sitemap("/news.xml", "abcdef", part_of=f"{SITE}/all.xml")
    old = sitemap("/old.xml", "pqrst", hours=400, part_of=f"{SITE}/all.xml")
    assert taken([index, news, old]) == ["/news.xml"], "what is old need not be looked at every time"
    assert taken([feed("/a", "abcdef"), feed("/b", "ghijkl"), feed("/c", "abcghi")]) == ["/a", "/b"]
    assert taken([feed("/c", "efgh"), feed("/a", "abcdef"), feed("/b", "ghijkl")]) == ["/a", "/b"]


def test_an_index_is_one_start_with_its_sitemaps() -> None:
    index = sitemap("/all.xml", "", pages=["/x.xml", "/y.xml"])
    parts = [
        sitemap(f"/{name}.xml", links, part_of=f"{SITE}/all.xml")
        for name, links in (("x", "ab"), ("y", "cd"))
    ]
    [start] = choose([index, *parts], NOW)
    assert (start.url, len(start.links), start.fetches, start.chosen) == (f"{SITE}/all.xml", 4, 3, True)


def test_a_listing_beside_a_feed_is_taken_where_the_feed_leaves_out_most_of_it() -> None:
    assert taken([feed("/feed", "abcdefghijkl"), listing("/", "ghijklmn")]) == ["/feed"]
    assert taken([feed("/feed", "abc"), listing("/", "cdefgh")]) == ["/feed", "/"]
    told = whys([feed("/feed", "abc"), listing("/", "abcdefgh")])
    assert told == {
        "/feed": "its 3 recent articles with their times, which the others do not tell",
        "/": "5 recent articles that only it shows",
    }
    assert taken([listing("/a/", "abcdef"), listing("/b/", "defghi")]) == ["/a/", "/b/"]


def test_a_sitemap_of_everything_is_taken_where_nothing_else_shows_it() -> None:
    everything = sitemap("/all.xml", "abcdefghijklmnop")
    assert taken([everything]) == ["/all.xml"]
    assert taken([feed("/feed", "abcdefgh"), everything]) == ["/feed", "/all.xml"]
    assert taken([feed("/feed", "abcdefgh"), everything, listing("/", "abcdefghijklmno")]) == ["/feed", "/"]
    news = sitemap("/news.xml", "abcdefghijklmnop")
    assert taken([feed("/feed", "abcdefgh"), everything, news, listing("/", "abcdef")]) == ["/news.xml"]


def test_old_news_is_no_reason_to_look() -> None:
    assert taken([feed("/feed", "abc", hours=5000), listing("/", "pqrst")]) == ["/"]
    assert (
        whys([feed("/feed", "abc", hours=5000), listing("/", "pqrst")])["/feed"]
        == "nothing new since 2026-04-26"
    )
    assert taken([feed("/feed", "abc", hours=5000)]) == ["/feed"], "the site rests"


def test_what_is_of_no_use_keeps_its_reason() -> None:
    told = whys([useless("/feed", Role.FEED), sitemap("/all.xml", "", pages=["/gone.xml"])])
    assert told == {"/feed": "answered 404 Not Found", "/all.xml": "it leads to no article"}
    assert choose([], NOW) == ()


names = st.text(st.sampled_from("abcdefghijklmnopqrst"), max_size=15).map(
    lambda text: "".join(dict.fromkeys(text))
)
ages = st.floats(0, 2000)
shown = st.one_of(
    st.builds(lambda n, names, age: feed(f"/f{n}", names, age), st.integers(0, 9), names, ages),
    st.builds(lambda n, names, age: sitemap(f"/m{n}", names, age), st.integers(0, 9), names, ages),
    st.builds(lambda n, names: listing(f"/l{n}/", names), st.integers(0, 9), names),
    st.builds(lambda n: useless(f"/u{n}", Role.FEED), st.integers(0, 9)),
)


@given(st.lists(shown, max_size=14, unique_by=lambda one: one.url))
def test_whatever_a_site_shows_the_choice_has_its_reasons(tried: list[Tried]) -> None:
    found = choose(tried, NOW)
    chosen = [start for start in found if start.chosen]
    assert {start.url for start in found} == {one.url for one in tried}
    assert all(start.why for start in found)
    assert len(chosen) <= MOST_STARTS
    assert bool(chosen) is any(start.links for start in found)
    assert list(found[: len(chosen)]) == chosen, "those come first"
    assert all(start.recent for start in chosen)
    for start in chosen:
        # A feed tells times in one fetch, which a sitemap of everything that holds the same does not.
        before = {LinkKind.FEED: {LinkKind.FEED}, LinkKind.SITEMAP: {LinkKind.FEED, LinkKind.SITEMAP}}
        kinds = before.get(start.kind, set(LinkKind)) if start.kind else set(LinkKind)
        others = [other for other in chosen if other.url != start.url and other.kind in kinds]
        covered = frozenset[str]().union(*(other.urls for other in others))
        assert start.urls - covered, "nothing is taken that adds nothing to its like"


def test_a_feed_that_is_asked_for_is_taken_though_it_has_no_entry_yet() -> None:
    given_ = Candidate(f"{SITE}/feed", Role.GIVEN, "as given")
    [start] = choose([Tried(given_, given_.url, Listing(LinkKind.FEED, ()))], NOW)
    assert start.chosen
    assert "without an entry" in start.why


def test_an_empty_feed_does_not_end_the_guessing_and_is_not_taken_beside_others() -> None:
    tried = [feed("/feed", ""), listing("/news/", "ab")]
    clues = Clues(SITE + "/", SiteMetadata(), (), whole=True)
    following = next_candidate(clues, [feed("/feed", "")])
    assert following is not None
    assert following.role is Role.FEED
    assert [start.url for start in choose(tried, NOW) if start.chosen] == [f"{SITE}/news/"]


def test_samples_are_taken_by_turns() -> None:
    starts = [
        Start(SITE, LinkKind.FEED, "", links(LinkKind.FEED, names), chosen=chosen)
        for names, chosen in (("abc", True), ("xyz", False), ("apq", True))
    ]
    assert [url[-1] for url in samples_of(starts, 4)] == ["a", "b", "p", "c"]


def hours_ago(*hours: float) -> list[Moment]:
    return [moment(one) for one in hours]


def days_ago(*days: float) -> list[Moment]:
    """Moments of which only the day is known."""
    return [replace(moment(24 * one), precision=Precision.DAY) for one in days]


ISSUE = [n / 60 / 10 for n in range(30)]


@pytest.mark.parametrize(
    ("moments", "minutes", "reason"),
    [
        (hours_ago(*(n / 60 for n in range(120))), 5, "120 articles in 2 hours, at 24 times"),
        (hours_ago(*(n / 2 for n in range(48))), 20, "48 articles in 24 hours"),
        (hours_ago(*(n / 2 for n in range(6))), 20, "6 articles in 2 hours"),
        (hours_ago(*(n * 10 for n in range(10))), 360, "10 articles in 4 days"),
        (hours_ago(*(n * 3 for n in range(20))), 120, "20 articles in 57 hours"),
        (hours_ago(1, 2), 30, "too few articles of the last weeks say their time"),
        (hours_ago(200, 300, 400), 360, "3 articles in 17 days"),
        (hours_ago(*ISSUE), 30, "too few articles of the last weeks say their time"),
        (
            hours_ago(*(week * 168 + one for week in range(4) for one in ISSUE)),
            360,
            "120 articles in 21 days, at 4 times",
        ),
        (days_ago(*[0.1] * 40), 30, "40 articles in 24 hours"),
        (hours_ago(2000, 3000, 4000), 30, "no recent times are known"),
        ([], 30, "no recent times are known"),
    ],
)
def test_how_often_a_source_is_read(moments: Sequence[Moment], minutes: int, reason: str) -> None:
    found = pace(moments, NOW)
    assert (found.every, found.reason) == (timedelta(minutes=minutes), reason)


@given(st.lists(st.floats(-900, 900), max_size=40), st.randoms())
def test_a_pace_is_one_of_a_few_and_knows_no_order(hours: list[float], random: object) -> None:
    times = hours_ago(*hours)
    found = pace(times, NOW)
    assert found.every in STEPS
    assert found == pace(sorted(times, key=lambda time: time.instant), NOW)
    month = NOW - timedelta(days=28)
    late = [time for time in times if time.instant > NOW + timedelta(hours=1) or time.instant < month]
    assert found == pace([time for time in times if time not in late], NOW), "what is out of sight counts not"


@given(st.lists(st.integers(0, 1900), min_size=3, max_size=40, unique=True), st.floats(0, 1))
def test_more_articles_are_never_read_more_rarely(places: list[int], share: float) -> None:
    hours = [place / 12 for place in places]
    more = [*hours, max(hours) * share]
    assert pace(hours_ago(*more), NOW).every <= pace(hours_ago(*hours), NOW).every
    assert UNKNOWN in STEPS


def stamps(zone: str, count: int = 8, days: int = 3) -> list[tuple[datetime, int]]:
    times = [NOW - timedelta(days=days * candidate) for candidate in range(count)]
    offsets = [time.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for time in times]
    return list(zip(times, (offset // timedelta(minutes=1) for offset in offsets), strict=True))


UTC_STAMPS = stamps("UTC")


@pytest.mark.parametrize(
    ("told", "languages", "host", "zone"),
    [
        (stamps("Europe/Berlin"), ["de"], "blatt.example", "Europe/Berlin"),
        (stamps("Europe/Vienna"), ["de-AT", "de"], "blatt.example", "Europe/Vienna"),
        (stamps("Europe/Zurich"), ["de"], "blatt.ch", "Europe/Zurich"),
        (stamps("Europe/London"), ["en-GB"], "gazette.example", "Europe/London"),
        (stamps("UTC", days=30), ["en-GB"], "gazette.example", ""),  # in summer London is an hour ahead
        (stamps("Asia/Kolkata"), ["hi"], "gazette.example", "Asia/Kolkata"),
        (stamps("Africa/Lagos"), ["en"], "gazette.example", ""),  # Brussels writes English too
        (stamps("Asia/Shanghai"), ["zh"], "wanbao.example", "Asia/Shanghai"),
        # Parts of Canada keep this all year.
        (stamps("America/New_York", days=1), ["en-US"], "gazette.ca", ""),
        (stamps("America/New_York", days=30), ["en-US"], "gazette.us", "America/New_York"),
        (stamps("Europe/Paris"), ["fr"], "journal.example", ""),  # Algiers keeps the same time in winter
        (stamps("Europe/Paris", days=30), ["fr"], "journal.example", "Europe/Paris"),
        (UTC_STAMPS + stamps("Europe/Madrid"), ["es"], "diario.es", "Europe/Madrid"),
        (UTC_STAMPS, ["pl"], "gazeta.pl", "Europe/Warsaw"),
        (UTC_STAMPS, ["en"], "gazette.example", ""),
        (UTC_STAMPS, ["en"], "gazette.io", ""),
        ([], ["ja"], "shimbun.jp", "Asia/Tokyo"),
        ([], ["zh"], "wanbao.cn", ""),  # Shanghai and Urumqi
        ([], [], "127.0.0.1", ""),
        (stamps("Europe/Berlin") + stamps("Asia/Tokyo"), ["de"], "blatt.de", ""),
    ],
)
def test_in_which_zone_a_site_lives(
    told: list[tuple[datetime, int]], languages: list[str], host: str, zone: str
) -> None:
    found = guess_zone(told, languages, host)
    assert found.zone == zone
    assert found.reason


@given(
    st.lists(st.tuples(st.datetimes(timezones=st.just(UTC)), st.integers(-720, 840)), max_size=12),
    st.lists(st.sampled_from(["de", "en-US", "en_GB", "zh-Hans", "x", ""]), max_size=3),
    st.sampled_from(["a.de", "a.uk", "a.us", "a.com", "127.0.0.1", "localhost", "a.zz"]),
)
def test_a_zone_is_named_only_if_the_times_agree(
    told: list[tuple[datetime, int]], languages: list[str], host: str
) -> None:
    found = guess_zone(told, languages, host)
    assert found.reason
    away = [(time, minutes) for time, minutes in told if minutes and 1990 < time.year < 2100]
    if found.zone and len(away) > 1:
        zone = ZoneInfo(found.zone)
        agreeing = [time.astimezone(zone).utcoffset() == timedelta(minutes=minutes) for time, minutes in away]
        assert sum(agreeing) >= 0.9 * len(away)


def article(number: int, offset: int) -> Article:
    published = replace(moment(number), offset=offset)
    return Article(f"Title {number}", (), f"{SITE}/{number}", published=published, language="de")


def test_articles_tell_the_zone_before_feeds_and_sitemaps_do() -> None:
    elsewhere = sitemap("/all.xml", "abcdefgh")
    assert elsewhere.listing is not None
    shifted = [
        replace(link, published=replace(link.published, offset=-300))
        for link in elsewhere.listing.links
        if link.published
    ]
    tried = [
        replace(elsewhere, listing=replace(elsewhere.listing, links=tuple(shifted))),
        feed("/feed", "ab"),
    ]
    known = facts(
        clues(),
        tried,
        [article(1, 60), article(2, 60)],
        [SiteMetadata("Ferry | Blatt"), SiteMetadata("Fog | Blatt")],
    )
    assert (known.name, known.language, known.zone.zone) == ("Blatt", "de", "Europe/Berlin")
    told = facts(clues(), tried, [], [])
    assert (told.name, told.zone.zone, told.zone.offset) == ("gazette.example", "", -300)


def test_times_of_articles_are_counted_once() -> None:
    chosen = [Start(SITE, LinkKind.FEED, "", links(LinkKind.FEED, "ab")), Start(SITE, None, "")]
    read = replace(article(1, 0), canonical_url=f"{SITE}/a")
    assert len(times(chosen, [read, article(9, 0)])) == 3


def test_a_feed_that_tells_the_minute_tells_more_than_a_page_that_tells_the_day() -> None:
    chosen = [Start(SITE, LinkKind.FEED, "", links(LinkKind.FEED, "a"))]
    [day] = days_ago(3)
    read = replace(article(1, 0), canonical_url=f"{SITE}/a", published=day)
    assert times(chosen, [read]) == [moment(1)]


def samples(*read: Article | PageKind | str) -> list[Sample]:
    """Linked pages that are articles, that are something else, or that could not be had."""
    return [
        Sample(SITE, one)
        if isinstance(one, Article)
        else Sample(SITE, None, one if isinstance(one, PageKind) else None, str(one))
        for one in read
    ]


def read(title: str, *authors: str, precision: Precision | None = Precision.MINUTE) -> Article:
    published = None if precision is None else replace(moment(1), precision=precision)
    return replace(article(1, 0), title=title, authors=authors, published=published)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([read(title, "Ada Brook") for title in "abc"], ()),
        ([read("The Gazette", "Ada Brook")] * 2, ()),
        ([*[read("The Gazette", "Ada Brook")] * 3, *[read(t, "Ada Brook") for t in "abcdefg"]], ("3 of 10",)),
        ([read(title, "Ada Brook", precision=Precision.DAY) for title in "abc"], ("only the day",)),
        (
            [read("a", "Ada Brook"), *(read(one, "Ada Brook", precision=Precision.DAY) for one in "bcd")],
            (),
        ),
        ([read(title, "Ada Brook", precision=None) for title in "abc"], ("3 of 3 articles say no time",)),
        ([read(title) for title in "abcde"], ("5 of 5 articles name no author",)),
        ([read("a", "Ada Brook"), *(read(title) for title in "bcde")], ()),
        (
            [*(read(title, "Ada Brook") for title in "abcd"), PageKind.INDEX, PageKind.INDEX, "answered 404"],
            ("2 of 6 linked pages are no articles (2 index)",),
        ),
        ([*(read(title, "Ada Brook") for title in "abcde"), PageKind.INDEX, PageKind.INDEX], ()),
        ([PageKind.VIDEO] * 3, ("3 of 3 linked pages",)),
        ([], ()),
    ],
)
def test_what_the_samples_warn_of(seen: list[Article | PageKind | str], said: tuple[str, ...]) -> None:
    told = warnings(samples(*seen))
    assert len(told) == len(said)
    for warning, part in zip(told, said, strict=True):
        assert part in warning
        assert "presswatch extract" in warning or "selectors.links" in warning, "what to do"


def test_offsets_as_people_write_them() -> None:
    assert [say_offset(minutes) for minutes in (0, 330, -570, 60)] == ["+00:00", "+05:30", "-09:30", "+01:00"]


@pytest.mark.parametrize(
    ("home", "pages", "feeds", "name"),
    [
        (SiteMetadata("News | Gazette", names=("The Gazette",)), [], ["Feed of it"], "The Gazette"),
        (
            SiteMetadata("新闻-新海晚报"),
            [SiteMetadata("大雾-社会-新海晚报"), SiteMetadata("渔民-社会-新海晚报")],
            [],
            "新海晚报",
        ),
        (SiteMetadata("Welcome"), [SiteMetadata("Fog - Coast", names=("L’Estuaire",))], [], "L’Estuaire"),
        (SiteMetadata("Welcome"), [], ["The Harbour Gazette RSS Feed"], "The Harbour Gazette"),
        (SiteMetadata("The Gazette – News of the river"), [], [], "The Gazette"),
        (SiteMetadata(), [], [], "gazette.example"),
    ],
)
def test_what_a_site_is_called(
    home: SiteMetadata, pages: list[SiteMetadata], feeds: list[str], name: str
) -> None:
    assert site_name(home, pages, feeds, "gazette.example") == name


def test_in_which_language_a_site_writes() -> None:
    assert language(["de", "de", "en", ""], ["en-US"], ["en"]) == "de"
    assert language([], ["en-GB"], ["fr"]) == "en"
    assert language([], [], ["pt_BR"]) == "pt"
    assert language([], [], []) == ""


def service_start(*led_to: str) -> Start:
    shown = tuple(Link(url, LinkKind.FEED, place) for place, url in enumerate(led_to))
    return Start("https://feeds.service.example/gazette", LinkKind.FEED, "as given", shown, chosen=True)


@pytest.mark.parametrize(
    ("start", "stand_at", "own"),
    [
        (service_start(*(f"{SITE}/{number}" for number in range(9))), [], f"{SITE}/"),
        # One advertisement among them.
        (
            service_start("https://shop.example/", *(f"{SITE}/{number}" for number in range(9))),
            [],
            f"{SITE}/",
        ),
        # The service leads there through itself.
        (service_start("https://go.service.example/1"), [f"{SITE}/1", f"{SITE}/2"], f"{SITE}/"),
        # Its own site, whatever the host.
        (Start(f"{SITE}/feed", LinkKind.FEED, "as given", (Link(f"{SITE}/a", LinkKind.FEED, 0),)), [], ""),
        # Who collects what several outlets write.
        (service_start(f"{SITE}/a", "https://herald.example/b"), [], ""),
        (service_start("https://go.service.example/1"), [f"{SITE}/1", "https://herald.example/b"], ""),
        (service_start(), [], ""),
    ],
)
def test_where_the_outlet_lives_whose_feed_another_serves(
    start: Start, stand_at: list[str], own: str
) -> None:
    read = [replace(article(1, 0), canonical_url=url) for url in stand_at]
    assert own_site([start], read) == own
