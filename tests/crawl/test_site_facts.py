"""What repeats over a source's pages is learnt from those that are kept, and is no edit by the press."""

from contextlib import closing

from presswatch.archive import site_facts
from presswatch.archive.tables import article
from presswatch.model import Facts
from support.project import Project
from support.site import Site, article_html

PATHS = [f"/story-000{number}.html" for number in range(1, 5)]
SUBJECTS = ["bridge over the river", "school in the north", "market by the sea", "lamps of the old town"]
APPEAL = "Our readers pay for our work on land and at sea: read on for one crown a week."


def publish(site: Site, number: int, news: str = "", mark: str = "") -> None:
    """An article with the appeal that all of them hold; `news` is a further paragraph, `mark` no text."""
    html = article_html(f"What will become of the {SUBJECTS[number]}")
    head, last, tail = html.rpartition("<p>")
    further = f"<p>{news}</p>" if news else ""
    site.serve(PATHS[number], f"{head}<p>{APPEAL}</p>{further}{last}{tail}{mark}")


def facts_of_readings(project: Project) -> dict[str, str]:
    """By the article's path."""
    with closing(project.archive()) as archive, archive.reading() as tx:
        return {row.url.rpartition("/")[2]: row.facts for row in tx.execute(article.select())}


def facts(project: Project) -> Facts:
    with closing(project.archive()) as archive, archive.reading() as tx:
        return site_facts.of(tx, "gazette")


def test_what_is_learnt_is_no_edit_by_the_press(project: Project, site: Site) -> None:
    project.configure(allow=[site.host], revisit=["2s", "1d"])
    site.listing("/news", *PATHS)
    for number in range(4):
        publish(site, number)
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 4
    assert all(APPEAL in record.article.text for record in project.articles())
    assert facts(project) == Facts()
    project.wait_until_due("gazette", 4)
    # The markup of one changes, the words of another; the others are as they were.
    publish(site, 0, mark="<!-- 2 -->")
    publish(site, 1, news="The council has since said that it will be opened before the year is over.")

    summary = project.crawl("gazette")

    assert (summary.revised, summary.unchanged, summary.failed) == (1, 3, 0)
    assert facts(project).lines == (APPEAL,)
    by_path = {record.url.rpartition("/")[2]: record for record in project.articles()}
    read_again, edited, *others = (by_path[path[1:]] for path in PATHS)
    assert (read_again.revision, read_again.news_seq < read_again.seq) == (1, True)
    assert (edited.revision, edited.news_seq) == (2, edited.seq)
    assert APPEAL not in read_again.article.text + edited.article.text
    assert all(APPEAL in record.article.text for record in others)
    name = facts(project).name
    assert facts_of_readings(project) == dict(
        zip((path[1:] for path in PATHS), (name, name, "", ""), strict=True)
    )


def test_learnt_facts_are_undone_by_new_pages(project: Project, site: Site) -> None:
    for number in range(4):
        publish(site, number)
    site.listing("/news", *PATHS)
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    project.crawl("gazette")
    assert facts(project).lines == (APPEAL,)
    assert facts(project).addresses == ("/{words}-{number}.html",)
    # The site drops it. What is kept of before stays among the pages, but is ever less of them.
    news = [f"/n/{number:04}" for number in range(30)]
    for number, path in enumerate(news):
        site.article(path, f"The {number}th matter that the council of the town has talked about")
    site.listing("/news", *news)
    project.crawl("gazette")
    project.crawl("gazette")
    known = facts(project)
    assert (known.pages, known.lines) == (site_facts.MOST_PAGES, ())
    assert known.addresses == ("/n/{number}",)


def test_facts_are_learnt_anew_from_new_pages_alone(project: Project, site: Site) -> None:
    for number in range(3):
        publish(site, number)
    site.listing("/news", *PATHS[:3])
    project.add_source("gazette", f"{site.url}/news")
    for waiting in (3, 0):
        project.crawl("gazette")
        with closing(project.archive()) as archive, archive.reading() as tx:
            assert len(site_facts.pages_to_learn_from(tx, "gazette")) == waiting
            assert site_facts.pages_to_learn_from(tx, "elsewhere") == []
