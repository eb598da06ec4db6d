"""The operations of the API: a table of addresses, parameters and answers, and the functions that answer.

All of them read. What they answer with is a record, written as JSON by its type, so that the document of
OpenAPI and the answers cannot differ.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import presswatch
from presswatch import status as how_it_stands
from presswatch.archive import alerts, articles, mails, marks, overview, reviews, runs, stories
from presswatch.archive.database import last_seq
from presswatch.model import from_json
from presswatch.outlet_facts import CHOSEN_FACTS
from presswatch.query import Passage
from presswatch.query.explanation import expression
from presswatch.query.tree import Node
from presswatch.search import FACETS, Sort
from presswatch.search.export import Exported, with_facts
from presswatch.search.outlet_facets import outlet_facets
from presswatch.troubles import troubles
from presswatch.watches.arrangement import coming_issue
from presswatch.web.api import answers
from presswatch.web.api.parameters import Parameter
from presswatch.web.page import Service
from presswatch.web.search.search_address import SearchAddress

_MOST = 100


class Scope(StrEnum):
    """What a token may read."""

    ARTICLES = "articles"
    WATCHES = "watches"
    OPERATIONS = "operations"


class NotThere(Exception):
    """What was asked for does not exist; the message says what."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation works with: the values are those of its parameters."""

    service: Service
    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation. `answer` is the type of its answer; with `streams` it is one line of JSON for each."""

    path: str
    name: str
    summary: str
    scope: Scope
    answer: Any
    run: Callable[[Asked], Any]
    parameters: tuple[Parameter, ...] = ()
    streams: bool = False
    may_fail: Mapping[int, str] = field(default_factory=dict)


_QUERY = Parameter(
    "q", "A query of presswatch's language (docs/search.md); without one, everything.", default=""
)
_ID = Parameter("id", "An article's id.", "path")
_SIZE = Parameter("size", "How many values of each field.", kind="number", default=8, least=1, most=50)
_LIMIT = Parameter("limit", "How many at most.", kind="number", default=20, least=1, most=_MOST)
_WRONG_QUERY = {422: "The query cannot be understood; `position` says where."}
_UNKNOWN = {404: "There is no such thing."}


def find(asked: Asked) -> answers.ArticlesPage:
    query, tree = _address(asked).parsed(asked.service.config.saved_queries), _tree(asked)
    sort: Sort = "relevance" if asked.sort == "relevance" else "newest"
    found = asked.service.index.search(tree, asked.limit, asked.after, sort)
    told = with_facts((hit.document for hit in found.hits), asked.service.config.outlets)
    hits = tuple(map(answers.Found, told, (hit.passage for hit in found.hits)))
    understood = expression(query.tree)
    return answers.ArticlesPage(
        found.total, found.at_least, understood, tuple(map(str, query.notices)), hits, found.after
    )


def facets(asked: Asked) -> answers.Facets:
    tree = _tree(asked)
    index = asked.service.index
    counted = index.facets(tree, asked.size)
    counted |= outlet_facets(index, tree, asked.service.config.outlets, asked.size)
    return answers.Facets(counted, index.significant(tree, asked.size))


def timeline(asked: Asked) -> answers.Over:
    tree = _tree(asked)
    return answers.Over(asked.service.index.timeline(tree, asked.service.config.time_zone))


def export(asked: Asked) -> Iterator[Exported]:
    tree = _tree(asked)
    return with_facts(asked.service.index.scan(tree), asked.service.config.outlets)


def article(asked: Asked) -> answers.WholeArticle:
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, asked.id)
        if record is None:
            raise NotThere(f"there is no article {asked.id}")
        kept = articles.revisions(tx, record.id)
        matched, put = mails.of_article(tx, record.id), marks.on(tx, [record.id])[record.id]
    told = tuple(answers.MatchedBy(one.watch, one.revision, one.matched, one.late) for one in matched)
    return answers.WholeArticle(record, tuple(map(_brief, kept)), told, put)


def revision(asked: Asked) -> answers.OneRevision:
    with asked.service.archive.reading() as tx:
        kept = articles.revisions(tx, asked.id)
    chosen = next((one for one in kept if one.number == asked.number), None)
    if chosen is None:
        raise NotThere(f"there is no revision {asked.number} of an article {asked.id}")
    return answers.OneRevision(_brief(chosen), chosen.article)


def changes(asked: Asked) -> answers.Changes:
    with asked.service.archive.reading() as tx:
        records = tuple(articles.since(tx, asked.after, asked.limit))
    return answers.Changes(records, records[-1].seq if records else asked.after)


def story(asked: Asked) -> answers.Story:
    with asked.service.archive.reading() as tx:
        current = stories.current(tx, asked.id)
        records = tuple(articles.records(tx, stories.members(tx, current)))
    if not records:
        raise NotThere(f"there is no story {asked.id}")
    return answers.Story(current, tuple(sorted(records, key=lambda one: (one.time, one.seq))))


def collections(asked: Asked) -> answers.Collections:
    with asked.service.archive.reading() as tx:
        return answers.Collections(tuple(marks.collections(tx)))


def collected(asked: Asked) -> answers.CollectionPage:
    end = asked.after + asked.limit
    with asked.service.archive.reading() as tx:
        kept = marks.find_collection(tx, asked.id)
        if kept is None:
            raise NotThere(f"there is no collection {asked.id}")
        held = marks.newest_members(tx, kept.id)
        members = {one.article: one for one in held[asked.after : end]}
        records, put = articles.records(tx, members), marks.on(tx, members)
    shown = tuple(
        answers.Collected(one, members[one.id].by, members[one.id].at, put[one.id]) for one in records
    )
    return answers.CollectionPage(kept, shown, end if end < len(held) else None)


def watches(asked: Asked) -> answers.Watches:
    with asked.service.archive.reading() as tx:
        states, counts = alerts.watches(tx), alerts.match_counts(tx)
    now = asked.service.now()

    def paused(id_: str) -> datetime | None:
        until = states[id_].paused_until if id_ in states else None
        return until if until and until > now else None

    return answers.Watches(tuple(
        answers.WatchInfo(one.id, one.name, one.query, one.enabled, counts.get(one.id, 0), paused(one.id))
        for one in asked.service.config.watches
    ))  # fmt: skip


def matches(asked: Asked) -> answers.Matches:
    if asked.service.config.watch(asked.id) is None:
        raise NotThere(f"there is no watch {asked.id}")
    with asked.service.archive.reading() as tx:
        found = alerts.latest_news(tx, asked.id, asked.limit)
        records = {one.id: one for one in articles.records(tx, [one.article for one in found])}
    return answers.Matches(tuple(
        answers.MatchInfo(one.matched, records[one.article], from_json(Passage, one.passage))
        for one in found
        if one.article in records
    ))  # fmt: skip


def all_reviews(asked: Asked) -> answers.Reviews:
    service = asked.service
    made = []
    with service.archive.reading() as tx:
        for one in service.config.reviews:
            issue = coming_issue(tx, one, service.now())
            draft = issue.draft
            made.append(answers.ReviewInfo(
                one.id, one.name, one.enabled, issue.slot,
                draft.version if draft else 0, len(draft.taken) if draft else 0,
                draft.changed if draft else None, draft.changed_by if draft else "",
                (draft.finish or "") if draft else "",
            ))  # fmt: skip
    return answers.Reviews(tuple(made))


def issues(asked: Asked) -> answers.Issues:
    with asked.service.archive.reading() as tx:
        found = reviews.issues(tx, asked.id, asked.limit, asked.before or None)
    if not found and asked.service.config.review(asked.id) is None:
        raise NotThere(f"there is no press review {asked.id}")
    before = found[-1].number if len(found) == asked.limit else None
    return answers.Issues(tuple(map(_issue, found)), before)


def issue(asked: Asked) -> answers.WholeIssue:
    with asked.service.archive.reading() as tx:
        found = reviews.issue(tx, asked.id, asked.number)
    if found is None:
        raise NotThere(f"there is no issue {asked.number} of a press review {asked.id}")
    told = tuple(
        answers.IssueStory(
            one.get("section", ""), one["id"], one["title"], one["url"], one["source"],
            datetime.fromisoformat(one["published"]) if one["published"] else None,
            one["passage"], one.get("annotation", ""), one["outlets"],
        )
        for one in found.stories
    )  # fmt: skip
    return answers.WholeIssue(_issue(found), found.told.get("foreword", ""), told)


def sources(asked: Asked) -> answers.Sources:
    service = asked.service
    with service.archive.reading() as tx:
        states, numbers = runs.sources(tx), overview.by_source(tx, service.now())
    made = []
    for one in service.config.sources:
        state, counts = states.get(one.id), numbers.get(one.id, overview.Numbers())
        made.append(answers.SourceInfo(
            one.id, one.name, tuple(one.start), one.enabled, counts.articles, counts.due,
            state.consecutive_failures if state else 0, state.next_due if state else None,
            one.country, one.kind, one.reach,
        ))  # fmt: skip
    return answers.Sources(tuple(made))


def status(asked: Asked) -> answers.Status:
    service, now = asked.service, asked.service.now()
    with service.archive.reading() as tx:
        seq, totals = last_seq(tx), overview.totals(tx)
        seen = how_it_stands.observed(tx, service.config, service.fault, service.data, now)
    # Whoever may ask is told no names: those of recipients are among them.
    told = tuple(
        answers.TroubleInfo(
            one.kind, str(one.said), str(one.do), one.since, one.needs_person, one.stands_still,
            max(1, len(one.about)),
        )
        for one in troubles(seen, now)
    )  # fmt: skip
    return answers.Status(presswatch.__version__, seq, totals, told)


OPERATIONS = (
    Operation(
        "/articles",
        "searchArticles",
        "Articles that match a query, a page at a time.",
        Scope.ARTICLES,
        answers.ArticlesPage,
        find,
        (
            _QUERY,
            Parameter("sort", "What comes first.", default="newest", choices=("newest", "relevance")),
            _LIMIT,
            Parameter("after", "The `after` of the page before, for the same query and order."),
        ),
        may_fail=_WRONG_QUERY,
    ),
    Operation(
        "/articles/facets",
        "facets",
        f"The commonest values ({', '.join((*FACETS, *CHOSEN_FACTS))}) of what matches.",
        Scope.ARTICLES,
        answers.Facets,
        facets,
        (_QUERY, _SIZE),
        may_fail=_WRONG_QUERY,
    ),
    Operation(
        "/articles/timeline",
        "timeline",
        "How many articles match, over time.",
        Scope.ARTICLES,
        answers.Over,
        timeline,
        (_QUERY,),
        may_fail=_WRONG_QUERY,
    ),
    Operation(
        "/articles/export",
        "exportArticles",
        "Everything that matches, the newest first, as JSON Lines.",
        Scope.ARTICLES,
        Exported,
        export,
        (_QUERY,),
        streams=True,
        may_fail=_WRONG_QUERY,
    ),
    Operation(
        "/articles/{id}",
        "article",
        "An article with its revisions, the watches that matched it, and what analysts put on it.",
        Scope.ARTICLES,
        answers.WholeArticle,
        article,
        (_ID,),
        may_fail=_UNKNOWN,
    ),
    Operation(
        "/articles/{id}/revisions/{number}",
        "revision",
        "An article as it was in one of its revisions.",
        Scope.ARTICLES,
        answers.OneRevision,
        revision,
        (_ID, Parameter("number", "The revision's number, from 1.", "path", "number", least=1)),
        may_fail=_UNKNOWN,
    ),
    Operation(
        "/changes",
        "changes",
        "Articles in the order of their last change: to keep a copy up to date.",
        Scope.ARTICLES,
        answers.Changes,
        changes,
        (
            Parameter("after", "The `after` of the answer before; 0 to begin.", kind="number", default=0),
            _LIMIT,
        ),
    ),
    Operation(
        "/stories/{id}",
        "story",
        "A story and the articles that carry it.",
        Scope.ARTICLES,
        answers.Story,
        story,
        (Parameter("id", "A story's id.", "path"),),
        may_fail=_UNKNOWN,
    ),
    Operation(
        "/collections",
        "collections",
        "The collections that analysts made.",
        Scope.ARTICLES,
        answers.Collections,
        collections,
    ),
    Operation(
        "/collections/{id}/articles",
        "collectionArticles",
        "The articles of a collection with their tags and notes, the newest first.",
        Scope.ARTICLES,
        answers.CollectionPage,
        collected,
        (
            Parameter("id", "A collection's number.", "path", "number", least=1),
            Parameter("after", "The `after` of the answer before; 0 to begin.", kind="number", default=0),
            _LIMIT,
        ),
        may_fail=_UNKNOWN,
    ),
    Operation("/watches", "watches", "All watches.", Scope.WATCHES, answers.Watches, watches),
    Operation(
        "/watches/{id}/matches",
        "matches",
        "What a watch found last.",
        Scope.WATCHES,
        answers.Matches,
        matches,
        (Parameter("id", "A watch's id.", "path"), _LIMIT),
        may_fail=_UNKNOWN,
    ),
    Operation("/reviews", "reviews", "All press reviews.", Scope.WATCHES, answers.Reviews, all_reviews),
    Operation(
        "/reviews/{id}/issues",
        "issues",
        "The issues of a press review, the newest first.",
        Scope.WATCHES,
        answers.Issues,
        issues,
        (
            Parameter("id", "A press review's id.", "path"),
            _LIMIT,
            Parameter("before", "The `before` of the answer before; 0 to begin.", kind="number", default=0),
        ),
        may_fail=_UNKNOWN,
    ),
    Operation(
        "/reviews/{id}/issues/{number}",
        "issue",
        "An issue as it was sent: its stories in their order, with annotations.",
        Scope.WATCHES,
        answers.WholeIssue,
        issue,
        (
            Parameter("id", "A press review's id.", "path"),
            Parameter("number", "The issue's number.", "path", "number", least=1),
        ),
        may_fail=_UNKNOWN,
    ),
    Operation(
        "/sources", "sources", "All sources and how they do.", Scope.OPERATIONS, answers.Sources, sources
    ),
    Operation(
        "/status",
        "status",
        "The archive in numbers, and what is wrong.",
        Scope.OPERATIONS,
        answers.Status,
        status,
    ),
)


def _address(asked: Asked) -> SearchAddress:
    return SearchAddress(asked.q.strip())


def _tree(asked: Asked) -> Node:
    """The resolved tree of the query `q`. Raises QueryError, UnavailableError."""
    service = asked.service
    return _address(asked).tree(service.config, service.archive, service.now())


def _issue(made: reviews.Issue) -> answers.IssueInfo:
    told = made.told
    finish, by = told.get("finish") or "", told.get("finished_by", "")
    return answers.IssueInfo(made.number, made.made, finish, by, len(made.stories), told.get("left_out", 0))


def _brief(kept: articles.Revision) -> answers.RevisionInfo:
    return answers.RevisionInfo(kept.number, kept.seen, kept.address)
