"""The tables. Any change here is a migration in `migrations/versions`, which alone makes the real tables.

Instants are stored as microseconds since the epoch, so that they sort and compare the same in every database
and a zone can never be lost; records are JSON as `presswatch.model` writes it.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

# The migration that makes the tables below.
SCHEMA_VERSION = "0039"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept to the microsecond in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's signature
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class RunState(StrEnum):
    """`due` waits for a crawler, `running` is held by one, the others are ends."""

    DUE = "due"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class UrlState(StrEnum):
    """What a URL is by its last fetch. Whether it is being fetched, its `run` tells.

    `pending` was never fetched, `settled` was read well, `rejected` was no article, `refused` may not be
    fetched (robots, address guard), `gone` answered 404 or 410, `failing` could not be had or read,
    `quarantined` was being fetched when crawlers died, three times or more. None is final.
    """

    PENDING = "pending"
    SETTLED = "settled"
    REJECTED = "rejected"
    REFUSED = "refused"
    GONE = "gone"
    FAILING = "failing"
    QUARANTINED = "quarantined"


class AliasKind(StrEnum):
    """Why an article stands under a URL.

    `own`: its words are read there, and nowhere else. `canonical`: the page there names this one as its
    canonical address; nobody has read it yet. `copy`: it was read, and is the same article. `redirect`: at
    the last visit it led to the article's own URL. `rotating`: so it did, and to another article before.
    """

    OWN = "own"
    CANONICAL = "canonical"
    COPY = "copy"
    REDIRECT = "redirect"
    ROTATING = "rotating"


class Wait(StrEnum):
    """As what a URL waits: never tried, to be read again, after failures, or as what a backfill found and
    nothing else shows."""

    FRESH = "fresh"
    AGAIN = "again"
    RETRY = "retry"
    OLD = "old"


class PushState(StrEnum):
    """`wanted`: the hub has not confirmed it yet. `active`: it has, until the lease ends. `denied`: it will
    not push. `leaving`: nobody wants it any more, and the hub is to be told."""

    WANTED = "wanted"
    ACTIVE = "active"
    DENIED = "denied"
    LEAVING = "leaving"


class HubMode(StrEnum):
    """What a hub is asked for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class OutboxState(StrEnum):
    """`quarantined`: the index refuses it; `dropped`: and an operator wants to hear no more of it."""

    WAITING = "waiting"
    QUARANTINED = "quarantined"
    DROPPED = "dropped"


class DeliveryState(StrEnum):
    """`sending` was committed before the mail left: after a crash it is sent again under its Message-ID.

    `withheld` copies are never sent: their recipient asked for none.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"


class EventKind(StrEnum):
    """What a watch may tell of besides new articles that match."""

    EDIT = "edit"
    VANISHED = "vanished"
    OUTLET = "outlet"
    RELATED = "related"
    SPIKE = "spike"
    SILENCE = "silence"


class Finish(StrEnum):
    """How the draft of a press review's issue leaves.

    `hour`: finished, at its hour. `now`: at once, in place of its hour. `extra`: at once, besides its hour.
    `left`: its hour came while it was not finished.
    """

    HOUR = "hour"
    NOW = "now"
    EXTRA = "extra"
    LEFT = "left"


class Verdict(StrEnum):
    """What an editor decided of a story for an issue of a press review."""

    TAKEN = "taken"
    LEFT_OUT = "left out"


class ActorKind(StrEnum):
    """Who changed something: an account, whoever sits at this machine while there are no accounts, somebody
    by a command, or the recipient of a mail by its link."""

    ACCOUNT = "account"
    LOCAL = "local"
    COMMAND = "command"
    RECIPIENT = "recipient"


class ChoiceKind(StrEnum):
    """What a recipient may ask for of a watch, by the links of its mails."""

    NOT_RELEVANT = "not-relevant"
    MUTE_STORY = "mute-story"
    MUTE_SOURCE = "mute-source"
    PAUSE = "pause"
    STOP = "stop"


class RequestKind(StrEnum):
    """What the pages ask of the daemon: a run of a source now, a look at a site that may become one, at those
    of a list, or at where the articles of a source are listed now."""

    RUN_NOW = "run-now"
    PROBE = "probe"
    IMPORT = "import"
    HEAL = "heal"


class RequestState(StrEnum):
    """`taken` is at work, or was when its daemon died; the last two are ends."""

    WAITING = "waiting"
    TAKEN = "taken"
    ANSWERED = "answered"
    FAILED = "failed"


metadata = MetaData()

# `article_seq` and whatever else counts upwards in commit order.
counter = Table(
    "counter",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# Counts that are kept as rows come, change and go (archive/tallies.py).
tally = Table(
    "tally",
    metadata,
    Column("name", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("detail", String, primary_key=True),
    Column("amount", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Facts as JSON: the pause of each channel (alerts.Pause), how far each source's backfill is
# (backfill.Backfill).
fact = Table(
    "fact",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# What the scheduler and the operator need to know of a source; its configuration stays in its file.
source = Table(
    "source",
    metadata,
    Column("id", String, primary_key=True),
    Column("added", Instant, nullable=False),
    Column("next_due", Instant),
    # The hash of the schedule `next_due` was computed from: an edited schedule is planned anew.
    Column("schedule_hash", String, nullable=False, default=""),
    Column("first_run_finished", Instant),
    Column("consecutive_failures", Integer, nullable=False, default=0),
    # The tags that its file gives it, as last seen: a sorted JSON list.
    Column("tags", Text, nullable=False, default="[]", server_default="[]"),
    # Its name, as last seen.
    Column("name", Text, nullable=False, default="", server_default=""),
    # While its articles are announced anew because one of these changed: the last id that was. Else null.
    Column("retagged_until", String),
    # The hosts of its start pages and its site, as last seen: a sorted JSON list.
    Column("hosts", Text, nullable=False, default="[]", server_default="[]"),
    # The same for those of its articles that others found, too, while these changed.
    Column("rehosted_until", String),
    # No run of it is planned before then; null where nothing holds it up.
    Column("paused_until", Instant),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("slot", Instant, nullable=False),
    # `schedule` or `hand`
    Column("trigger", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # Who holds it (archive/holders.py), and how often it was claimed: a crawler holds it by both.
    Column("holder", String),
    Column("epoch", Integer, nullable=False, default=0, server_default="0"),
    Column("lease_until", Instant),
    Column("started", Instant),
    Column("finished", Instant),
    # Empty when all is well, else what went wrong, for people.
    Column("reason", Text, nullable=False, default=""),
    # From when on it could begin, where that is later than its slot: its source was paused, its hosts rested,
    # or no daemon ran.
    Column("could_begin", Instant),
    # The run's own summary (crawler.summary.Summary as JSON), written by the crawler as its last act.
    Column("summary", Text),
    UniqueConstraint("source", "slot"),
    Index("run_state", "state", "slot"),
)

# When a source publishes (posting_rate.Postings): its arrivals by hour of the week, each weighed by its age
# at `counted`, the beginning of the last run that went well.
posting = Table(
    "posting",
    metadata,
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("zone", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("counted", Instant, nullable=False),
    # 168 floats of 64 bits, little endian.
    Column("counts", LargeBinary, nullable=False),
    Column("guess", Float, nullable=False),
    Column("latest", Instant),
    Column("excited", Float, nullable=False),
    # Pages that the last run found and had no room for.
    Column("left", Integer, nullable=False),
    # The looks an hour that it is worth (polling.demand).
    Column("demand", Float, nullable=False),
    # When articles were counted last, and the highest `seq` of the source's articles then.
    Column("read", Instant, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

# What each start page of a source asks of its readers (model.FeedPace as JSON), and until when its last
# answer holds.
page_pace = Table(
    "page_pace",
    metadata,
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("pace", Text, nullable=False),
    Column("fresh_until", Instant),
)

# The runs that ended and that their sources were not judged by yet.
unjudged_run = Table(
    "unjudged_run",
    metadata,
    Column("run", ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
)

# How a source usually does, and what speaks against its doing well (presswatch.sources.health.State as JSON).
source_health = Table(
    "source_health",
    metadata,
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("state", Text, nullable=False),
)

# What a hub is to push of a source's feed (WebSub). `base` is the address of our pages that its callback lies
# below, empty while nothing is to be pushed; `token` is what of the callback nobody can guess, `secret` the
# key of its signatures. `asked` is what the hub was asked for last, at `asked_at`, `tries` how often in a row
# without success; at `next_try` it is asked again. `waiting` is when a push came that led to no run yet,
# `led` when one did.
push_subscription = Table(
    "push_subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("feed", String, nullable=False),
    Column("hub", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("base", String, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("secret", String, nullable=False),
    # PushState
    Column("state", String, nullable=False),
    # HubMode, or "" while it was asked for nothing
    Column("asked", String, nullable=False),
    Column("asked_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("next_try", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("pushed", Instant),
    Column("waiting", Instant),
    Column("led", Instant),
    Column("reason", Text, nullable=False),
    Index("push_subscription_of_source", "source"),
)

# Two crawlers never visit one host at once. A crawler holds a host for each of its runs that visit it.
host_lease = Table(
    "host_lease",
    metadata,
    Column("host", String, primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("holder", String, nullable=False),
    Column("until", Instant, nullable=False),
    Index("host_lease_run", "run"),
    Index("host_lease_holder", "holder"),
)

# What the publisher says about the use of an article, as of its last reading: model.PublisherSignals as JSON.
# No row where nothing is said.
publisher_signal = Table(
    "publisher_signal",
    metadata,
    Column("article", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("said", Text, nullable=False),
)

# What is known of a host (`host:port`): until when it is left alone, and what it did.
host = Table(
    "host",
    metadata,
    Column("host", String, primary_key=True),
    Column("rest_until", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    # How many runs in a row it held up: 0 for one that answers in time, null as long as nobody knows.
    Column("held_up", Integer),
)

# The last answer of each site (scheme, host, port) to the request for its robots.txt, its body zlib.
robots = Table(
    "robots",
    metadata,
    Column("site", String, primary_key=True),
    Column("fetched", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Every URL that was met. `scope` is the source's id for its start and listing pages, which each source reads
# for itself, and "" for article pages, which exist once for all sources.
url = Table(
    "url",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", String, nullable=False),
    # By which source it is told of: the one that fetched it last, before that the one that found it first.
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("discovered", Instant, nullable=False),
    Column("next_fetch", Instant),
    # Failures in a row, the fetch going on included, and crawlers that died while they fetched it.
    Column("attempts", Integer, nullable=False, default=0),
    Column("crashes", Integer, nullable=False, default=0, server_default="0"),
    Column("visits", Integer, nullable=False, default=0),
    # The run that is fetching it; null when none is.
    Column("run", Integer),
    # The last try, and the last answer.
    Column("tried", Instant),
    Column("fetched", Instant),
    Column("status", Integer),
    Column("etag", Text),
    Column("last_modified", Text),
    # A hash of the last body, to see that nothing changed where a server has no validators.
    Column("body_hash", String),
    # The change that a feed or sitemap announced and that is yet to be read, and how many such in a row
    # proved untrue.
    Column("announced", Instant),
    Column("untrue", Integer, nullable=False, default=0, server_default="0"),
    # A further page of a listing that is to be read, whether or not the page that led to it changes.
    Column("awaited", Boolean, nullable=False, default=False, server_default=false()),
    # What the page was (model.PageKind) or why it could not be had.
    Column("kind", String, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("article", ForeignKey("article.id")),
    UniqueConstraint("scope", "url"),
    Index("url_state", "state", "next_fetch"),
    Index("url_article", "article"),
    Index("url_run", "run", sqlite_where=text("run IS NOT NULL")),
)

# The frontier: the article pages that wait to be fetched, one row for each source that links to one and may
# follow that link. The first of them to have a run fetches it for all; what waits for nothing has no row.
frontier = Table(
    "frontier",
    metadata,
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("url", ForeignKey("url.id"), primary_key=True),
    # How this source found it (model.LinkKind), and how many related links away from a listing.
    Column("found", String, nullable=False),
    Column("depth", Integer, nullable=False),
    # The newest time that any source's link shows beside it, without one when it was found: the newest are
    # fetched first.
    Column("dated", Instant, nullable=False),
    Column("wait", String, nullable=False),
    # Null while it is being fetched.
    Column("next_fetch", Instant),
    Index("frontier_fresh", "source", "wait", "dated"),
    Index("frontier_due", "source", "wait", "next_fetch"),
    Index("frontier_url", "url"),
    sqlite_with_rowid=False,
)

# What is learnt of a site (urls.site): whether a directory of its addresses (archive/directories.py) holds
# articles, how many pages in it were none before that, and when it was last probed in spite of that.
directory = Table(
    "directory",
    metadata,
    Column("site", String, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("articles", Boolean, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("probed", Instant),
    sqlite_with_rowid=False,
)

# And of how many articles a parameter of its addresses was found to make no difference, and of how many one.
parameter = Table(
    "parameter",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("same", Integer, nullable=False),
    Column("different", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What repeats over a source's pages (model.Facts as JSON), and the newest article's `seq` when it was learnt.
site_facts = Table(
    "site_facts",
    metadata,
    Column("source", String, primary_key=True),
    Column("facts", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("learnt", Instant, nullable=False),
)

# Who links to what, as shown there. `from_url` is a listing's, feed's, sitemap's or article's URL.
edge = Table(
    "edge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("from_url", Text, nullable=False),
    Column("to_url", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False, default=""),
    # model.Moment as JSON, as shown beside the link.
    Column("published", Text),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    # What the entry of a site's own feed or sitemap says besides (archive/entries.py); null of other links.
    Column("entry", Text),
    UniqueConstraint("source", "from_url", "to_url", "kind"),
    Index("edge_to", "to_url"),
)

# The latest revision of each article. `record` is model.Article as JSON.
article = Table(
    "article",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("url", Text, nullable=False, unique=True),
    # Who read it, and where that is not its outlet, the source on whose own site it stands.
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("outlet", String),
    Column("found", String, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("revised", Instant, nullable=False),
    Column("time", Instant, nullable=False),
    Column("story", String, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("extractor", String, nullable=False),
    # The name of the facts that this reading used (model.Facts).
    Column("facts", String, nullable=False, default="", server_default=""),
    Column("vanished", Instant),
    # Whether it came with the first run of a new source: such articles are news only if their date is recent.
    Column("first_run", Boolean, nullable=False),
    # The `seq` at which it last became news: it appeared, the press changed it, or another source found it.
    # Watches count by this one; an alias, a vanished mark or a better reading leaves it alone.
    Column("news_seq", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    Index("article_time", "time"),
    Index("article_news", "news_seq"),
    Index("article_latest", "source", "seq"),
    Index("article_story", "story"),
    Index("article_content", "source", "content_hash"),
)

# Every revision as first read and, compressed, the page it was read from with what was known at the fetch.
revision = Table(
    "revision",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("seen", Instant, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("extractor", String, nullable=False),
    Column("facts", String, nullable=False, default="", server_default=""),
    Column("record", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("final_url", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("charset", Text, nullable=False),
    # model.Hints as JSON, without the facts, which only have a name.
    Column("hints", Text, nullable=False),
    # Compressed (archive/bodies.py), as those of the article's further pages are.
    Column("body", LargeBinary, nullable=False),
    Column("more", LargeBinary),
    # The entries that led to the page, as JSON (archive/entries.py); null without any.
    Column("entries", Text),
)

alias = Table(
    "alias",
    metadata,
    Column("url", Text, primary_key=True),
    Column("article", ForeignKey("article.id"), nullable=False),
    # AliasKind
    Column("kind", String, nullable=False, default="copy", server_default="copy"),
    # Since when a URL that redirects leads to this article.
    Column("since", Instant),
    Index("alias_article", "article"),
)

# By what an article may be known under a new URL: the number in its address, its title (archive/identity.py).
article_key = Table(
    "article_key",
    metadata,
    Column("key", String, primary_key=True),
    Column("article", String, primary_key=True),
    sqlite_with_rowid=False,
)

# Canonical addresses that were not believed, and how many different articles of the source named them.
canonical_claim = Table(
    "canonical_claim",
    metadata,
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("articles", Integer, nullable=False),
    Index("canonical_claim_articles", "articles"),
)

article_source = Table(
    "article_source",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("source", ForeignKey("source.id"), primary_key=True),
    Column("first_seen", Instant, nullable=False),
    Index("article_source_source", "source", "article"),
    Index("article_source_seen", "first_seen", "source"),
)

# A story that proved to be one with an older one goes by that one's id.
story_alias = Table(
    "story_alias",
    metadata,
    Column("id", String, primary_key=True),
    Column("story", String, nullable=False),
    Index("story_alias_story", "story"),
)

# Stories that somebody told apart: no article makes them one again. Both ways round.
story_apart = Table(
    "story_apart",
    metadata,
    Column("story", String, primary_key=True),
    Column("other", String, primary_key=True),
    Index("story_apart_other", "other"),
)

# The fingerprints of the last days' articles: `terms` are its words in their order and `names` those that are
# names, 32 bits each, `weight` is that of all terms when it was noted. The first articles of a story are its
# core, which later ones are compared with; `core` is NULL for the others.
story_print = Table(
    "story_print",
    metadata,
    Column("article", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("language", String, nullable=False),
    Column("noted", Instant, nullable=False),
    Column("core", BigInteger),
    Column("weight", Float, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("names", LargeBinary, nullable=False),
    Index("story_print_noted", "noted"),
    Index("story_print_core", "core"),
)

# The rarest terms of the articles of a core, by which it is called up, and how many articles have a term.
# `member` is a number of the article.
story_key = Table(
    "story_key",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("core", BigInteger, primary_key=True),
    Column("member", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
story_key_count = Table(
    "story_key_count",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("articles", Integer, nullable=False),
)

# Articles that somebody asked to be removed: their addresses, so that they do not come back.
removal = Table(
    "removal",
    metadata,
    Column("url", Text, primary_key=True),
    Column("article", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("removed", Instant, nullable=False),
    Index("removal_article", "article"),
)

# One row for each article whose newest `seq` the index may not have.
index_outbox = Table(
    "index_outbox",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    # Since when the index refuses it.
    Column("since", Instant),
    Index("index_outbox_state", "state", "seq"),
)

# Articles that are gone, and that the index may still have.
index_removal = Table("index_removal", metadata, Column("article", String, primary_key=True))

watch = Table(
    "watch",
    metadata,
    Column("id", String, primary_key=True),
    Column("added", Instant, nullable=False),
    # Everything up to this `seq` was matched.
    Column("cursor", BigInteger, nullable=False),
    # The end of the last closed window.
    Column("closed_until", Instant, nullable=False),
    # Until then it mails nothing; what it finds is told after that.
    Column("paused_until", Instant),
)

# Matches that a fault of ours prevents (archive/match_quarantine.py). `article` is "" when the watch cannot
# be compiled; then what became news after `seq` waits for it.
match_quarantine = Table(
    "match_quarantine",
    metadata,
    Column("watch", ForeignKey("watch.id"), primary_key=True),
    Column("article", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    # The presswatch that could not match it; another one tries again.
    Column("version", String, nullable=False),
)

match = Table(
    "match",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watch", ForeignKey("watch.id"), nullable=False),
    Column("article", ForeignKey("article.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("matched", Instant, nullable=False),
    # Matched, shown, and not mailed: old when first seen.
    Column("late", Boolean, nullable=False),
    # The matching passage with its spans, as JSON.
    Column("passage", Text, nullable=False),
    Column("digest", ForeignKey("digest.id")),
    UniqueConstraint("watch", "article"),
    Index("match_open", "watch", "digest"),
    Index("match_article", "article"),
    Index("match_time", "watch", "matched", "late"),
    Index("match_untold", "watch", "matched", sqlite_where=text("digest IS NULL AND late IS 0")),
)

# One closed window of a watch, of which one mail is made. A window without news leaves no row.
digest = Table(
    "digest",
    metadata,
    Column("id", Integer, primary_key=True),
    # A press review's is `review/ID` (archive/reviews.py).
    Column("watch", ForeignKey("watch.id"), nullable=False),
    Column("window_start", Instant, nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("closed", Instant, nullable=False),
    # Who answers questions; "" where nobody is named.
    Column("owner", Text, nullable=False, default="", server_default=""),
    # What it tells as values, as JSON (watches/notification.py); "" for mails of before.
    Column("told", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("watch", "window_end"),
    Index("digest_closed", "watch", "closed"),
)

# What happened besides new articles that match, for watches that tell of it (archive/events.py).
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watch", ForeignKey("watch.id"), nullable=False),
    Column("kind", String, nullable=False),
    # What happened once has one key: nothing is told twice.
    Column("key", String, nullable=False),
    Column("article", ForeignKey("article.id")),
    # What is told of it, as JSON.
    Column("detail", Text, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("digest", ForeignKey("digest.id")),
    UniqueConstraint("watch", "kind", "key"),
    Index("event_open", "watch", "digest"),
    Index("event_article", "article"),
    Index("event_untold", "watch", "seen", sqlite_where=text("digest IS NULL")),
)

# What recipients chose, each act a row: the latest of a watch, recipient, kind and subject counts.
choice = Table(
    "choice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watch", ForeignKey("watch.id"), nullable=False),
    # The mail address; "" where it was chosen for all recipients.
    Column("recipient", String, nullable=False),
    Column("kind", String, nullable=False),
    # The article that stands for its story, the source's id, or "".
    Column("subject", String, nullable=False, default=""),
    # It was taken back.
    Column("undone", Boolean, nullable=False),
    Column("until", Instant),
    Column("made", Instant, nullable=False),
    # The mail whose link was used; null when it was chosen by a command.
    Column("digest", ForeignKey("digest.id")),
    # The mail that told the watch's owner of it; null before.
    Column("told", ForeignKey("digest.id")),
    Index("choice_current", "watch", "recipient", "kind", "subject", "id"),
    Index("choice_untold", "watch", sqlite_where=text("told IS NULL AND digest IS NOT NULL")),
)

# The words of a digest's mail for one audience of its recipients, as they are sent.
digest_body = Table(
    "digest_body",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", ForeignKey("digest.id"), nullable=False),
    Column("language", String, nullable=False),
    # The zone of the times told; "" for mails made before it was kept.
    Column("time_zone", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    # What is attached: a press review as PDF; null for other mails.
    Column("pdf", LargeBinary),
    Index("digest_body_digest", "digest"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", ForeignKey("digest.id"), nullable=False),
    Column("recipient", String, nullable=False),
    # What it leaves by: "mail", or the id of a channel of the configuration.
    Column("channel", String, nullable=False, default="mail", server_default="mail"),
    Column("message_id", String, nullable=False, unique=True),
    # The Message-ID of the mail that told this recipient of the story first; "" for what is new.
    Column("answers", Text, nullable=False, default="", server_default=""),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created", Instant, nullable=False),
    Column("next_attempt", Instant, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("sent", Instant),
    # Where a mail written to a folder lies.
    Column("path", Text, nullable=False, default=""),
    Column("body", ForeignKey("digest_body.id")),
    # `html`: both bodies; `text`: plain text alone.
    Column("format", String, nullable=False, default="html", server_default="html"),
    UniqueConstraint("digest", "recipient"),
    Index("delivery_due", "channel", "state", "next_attempt"),
    Index("delivery_trouble", "id", sqlite_where=text("reason != ''")),
)

# What the operator is told of (archive/alarms.py): of each kind and subject the last time.
alarm = Table(
    "alarm",
    metadata,
    Column("kind", String, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told", Instant),
    Column("ended", Instant),
    Column("end_reason", Text, nullable=False, default="", server_default=""),
    Column("end_told", Instant),
    Column("unsteady", Boolean, nullable=False, default=False, server_default=false()),
)

# An issue of a press review that editors make (archive/drafts.py); without `digest` it is the coming one.
review_draft = Table(
    "review_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    # The review's id in the configuration.
    Column("review", String, nullable=False),
    # Grows with each change.
    Column("version", Integer, nullable=False),
    Column("foreword", Text, nullable=False, default=""),
    Column("begun", Instant, nullable=False),
    Column("changed", Instant, nullable=False),
    # Names of readers; "" for whoever sits at this machine.
    Column("changed_by", Text, nullable=False),
    # The newest match that editors have seen, and when they did: what came after it is new to them.
    Column("looked", BigInteger, nullable=False),
    Column("looked_at", Instant, nullable=False),
    # Finish; "" while it is edited.
    Column("finish", String, nullable=False, default=""),
    Column("finished", Instant),
    Column("finished_by", Text, nullable=False, default=""),
    # The hour that it leaves at or takes the place of; null of an extra one.
    Column("slot", Instant),
    # How many of its articles are gone from the archive.
    Column("removed", Integer, nullable=False, default=0),
    Column("digest", ForeignKey("digest.id")),
    Index("review_draft_review", "review", "digest"),
    Index("review_draft_digest", "digest"),
)

# What was decided of an article, which stands for its story.
review_item = Table(
    "review_item",
    metadata,
    Column("draft", ForeignKey("review_draft.id"), primary_key=True),
    # Without a foreign key: what is kept of a sent issue outlives articles.
    Column("article", String, primary_key=True),
    # Verdict
    Column("verdict", String, nullable=False),
    Column("section", Text, nullable=False),
    # Within the section, from 1.
    Column("position", Integer, nullable=False),
    Column("annotation", Text, nullable=False, default=""),
    # The article's revision when that was decided.
    Column("revision", Integer, nullable=False),
    Index("review_item_article", "article"),
)

# Who changed what in a draft, a row for each of its versions.
review_act = Table(
    "review_act",
    metadata,
    Column("draft", ForeignKey("review_draft.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("did", String, nullable=False),
    # The article's id, or "".
    Column("article", String, nullable=False, default=""),
)

# Delivery status notifications that failed a delivery: read again, they fail none. `id` is a hash of one.
bounce = Table(
    "bounce",
    metadata,
    Column("id", String, primary_key=True),
    Column("message_id", String, nullable=False),
    Column("received", Instant, nullable=False),
)

# What the pages ask of the daemon, which alone crawls (archive/requests.py).
request = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    # RequestKind
    Column("kind", String, nullable=False),
    # A source's id, or a site's address.
    Column("subject", Text, nullable=False),
    # A reader's name; empty for whoever sits at this machine.
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    # RequestState
    Column("state", String, nullable=False),
    # How often it was taken: one that daemons die of is given up.
    Column("takes", Integer, nullable=False, default=0),
    # JSON, by the step that answers; empty before.
    Column("answer", Text, nullable=False, default=""),
    Column("answered_at", Instant),
    Index("request_state", "state", "kind"),
    Index("request_subject", "kind", "subject"),
)

# A list of outlets that somebody wants to make sources of: what a request to look at them is about.
source_import = Table(
    "source_import",
    metadata,
    Column("request", ForeignKey("request.id", ondelete="CASCADE"), primary_key=True),
    # Of the file, or "".
    Column("name", Text, nullable=False),
    # presswatch.sources.source_list.SourceList as JSON.
    Column("list", Text, nullable=False),
)

# What was found at an address that somebody may make a source of (archive/site_looks.py).
site_look = Table(
    "site_look",
    metadata,
    Column("url", Text, primary_key=True),
    Column("looked", Instant, nullable=False),
    # JSON: a proposal, or the `fault` that kept us from one.
    Column("answer", Text, nullable=False),
    Index("site_look_looked", "looked"),
)

# Tokens of programs that ask the API. `hash`: SHA-256 of the secret, in hex; `scopes` are parted by blanks.
api_token = Table(
    "api_token",
    metadata,
    Column("name", String, primary_key=True),
    Column("hash", String, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created", Instant, nullable=False),
)

# Who may ask for the pages (archive/accounts.py).
account = Table(
    "account",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    # Of the pages; "" where the browser's counts.
    Column("language", String, nullable=False),
    # Argon2's hash, with its parameters; "" for whom a provider of OpenID Connect alone signs in.
    Column("password", Text, nullable=False),
    # An operator made it up, so its owner has to choose one.
    Column("one_time", Boolean, nullable=False),
    Column("added", Instant, nullable=False),
    Column("changed", Instant, nullable=False),
)

# A browser in which somebody signed in. `token` is a hash of what its cookie holds.
session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("begun", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("browser", Text, nullable=False),
    # The provider of OpenID Connect that it was begun by, "" by a password; what is shown there to end it.
    Column("issuer", Text, nullable=False, server_default=""),
    Column("id_token", Text, nullable=False, server_default=""),
    Index("session_account", "account"),
)

# Tags that analysts put on articles by hand (archive/marks.py). `folded` is what is compared.
tag = Table(
    "tag",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    # When it was last given to an article.
    Column("used", Instant, nullable=False),
    Index("tag_used", "used"),
)

article_tag = Table(
    "article_tag",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("tag", ForeignKey("tag.id"), primary_key=True),
    # An account's name; empty for whoever sat at this machine.
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("article_tag_tag", "tag"),
)

# What analysts wrote on articles. `revision` grows at each change, and so tells who read another text.
note = Table(
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article", ForeignKey("article.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed", Instant),
    Index("note_article", "article"),
    # As of a collection: a form that was left open changes no other note.
    sqlite_autoincrement=True,
)

collection = Table(
    "collection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made", Instant, nullable=False),
    # As of a note.
    Column("revision", Integer, nullable=False),
    # No number is given twice: an address that somebody kept leads to no other collection.
    sqlite_autoincrement=True,
)

collected = Table(
    "collected",
    metadata,
    Column("collection", ForeignKey("collection.id"), primary_key=True),
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("collected_article", "article"),
)

# Who an account is at a provider of OpenID Connect, which never gives a subject to somebody else.
identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("linked", Instant, nullable=False),
    UniqueConstraint("account", "issuer"),
)

# A search that somebody saved (archive/saved_searches.py). `account` is "" for whoever sits at this machine.
saved_search = Table(
    "saved_search",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("name", Text, nullable=False),
    # The name as it is compared with others.
    Column("folded", Text, nullable=False),
    # Of the search page: what stands behind its `?`.
    Column("address", Text, nullable=False),
    Column("saved", Instant, nullable=False),
    # When it was opened last.
    Column("used", Instant, nullable=False),
    UniqueConstraint("account", "folded"),
)

# Who did what to what, and when. It outlives accounts, so it holds their names.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_kind", String, nullable=False),
    Column("actor", Text, nullable=False),
    Column("did", String, nullable=False),
    Column("subject", Text, nullable=False),
    # What else is to be known of it, as JSON.
    Column("detail", Text, nullable=False),
)
