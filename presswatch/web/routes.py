"""Every page: its address, how it is asked for, and who may ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from starlette.routing import Route

from presswatch.web import (
    choosing,
    compare_page,
    feeds,
    hub_callback,
    today_page,
)
from presswatch.web.access import Role
from presswatch.web.accounts import (
    account_page,
    accounts_page,
    audit_page,
    provider_sign_in,
    sign_in,
)
from presswatch.web.articles import (
    article_page,
    evidence_page,
    removal_page,
    story_page,
    why_page,
)
from presswatch.web.asking import ReadersPage, for_role
from presswatch.web.marks import collection_pages, marking
from presswatch.web.operations import (
    adding_page,
    healing_page,
    health,
    importing_page,
    made_page,
    operations_page,
    sources_page,
)
from presswatch.web.reviews import issue_desk, making, review_pages
from presswatch.web.search import saved_page, search_export, search_page
from presswatch.web.watches import mail_page, watch_acts, watch_editing, watch_pages


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `role` is the least that its reader must have; None: it asks nobody who they are.

    Those that ask nobody are functions of Starlette's request and look at the address itself.
    """

    path: str
    answer: Any
    name: str
    role: Role | None = Role.READER
    method: Literal["GET", "POST"] = "GET"


PAGES = (
    Page("/", today_page.show, "home"),
    Page("/today", today_page.show, "today"),
    Page("/search", search_page.search, "search"),
    Page("/search/export/{form}", search_export.export, "search export"),
    Page("/search/marks", marking.mark_hits, "mark hits", Role.EDITOR, "POST"),
    Page("/searches", saved_page.listing, "saved searches"),
    Page("/searches", saved_page.save, "save search", Role.READER, "POST"),
    Page("/searches/shared/{search}", saved_page.shared, "shared search"),
    Page("/searches/{search}", saved_page.show, "saved search"),
    Page("/searches/{search}/name", saved_page.rename, "rename search", Role.READER, "POST"),
    Page("/searches/{search}/remove", saved_page.remove, "remove search", Role.READER, "POST"),
    Page("/compare", compare_page.compare, "compare"),
    Page("/account", account_page.show, "account"),
    Page("/account/password", account_page.set_password, "set own password", Role.READER, "POST"),
    Page("/account/language", account_page.set_language, "set own language", Role.READER, "POST"),
    Page("/account/sessions", account_page.end_session, "end own session", Role.READER, "POST"),
    Page("/accounts", accounts_page.show, "accounts", Role.OPERATOR),
    Page("/accounts", accounts_page.add, "add account", Role.OPERATOR, "POST"),
    Page("/accounts/role", accounts_page.set_role, "set role", Role.OPERATOR, "POST"),
    Page("/accounts/password", accounts_page.set_password, "set password", Role.OPERATOR, "POST"),
    Page("/accounts/sessions", accounts_page.end_sessions, "end sessions", Role.OPERATOR, "POST"),
    Page("/accounts/remove", accounts_page.remove, "remove account", Role.OPERATOR, "POST"),
    Page("/audit", audit_page.show, "audit", Role.OPERATOR),
    Page("/sign-in", sign_in.ask, "sign in", None),
    Page("/sign-in", sign_in.sign_in, "signing in", None, "POST"),
    Page("/sign-in/oidc", provider_sign_in.begin, "begin sign-in by provider", None),
    Page("/sign-in/oidc", provider_sign_in.begin, "sign in by provider", None, "POST"),
    Page("/sign-in/oidc/callback", provider_sign_in.come_back, "back from provider", None),
    Page("/sign-out", sign_in.sign_out, "sign out", None, "POST"),
    Page("/sources", sources_page.sources, "sources"),
    Page("/sources/add", adding_page.form, "add source", Role.OPERATOR),
    Page("/sources/add", adding_page.ask, "look at site", Role.OPERATOR, "POST"),
    Page("/sources/add/{number}", adding_page.proposal, "proposal", Role.OPERATOR),
    Page("/sources/add/{number}", adding_page.confirm, "confirm source", Role.OPERATOR, "POST"),
    Page("/sources/import", importing_page.form, "import sources", Role.OPERATOR),
    Page("/sources/import", importing_page.ask, "look at outlets", Role.OPERATOR, "POST"),
    Page("/sources/import/{list}", importing_page.table, "import", Role.OPERATOR),
    Page("/sources/import/{list}", importing_page.confirm, "confirm import", Role.OPERATOR, "POST"),
    Page("/sources/import/{list}/again", importing_page.again, "import again", Role.OPERATOR, "POST"),
    Page("/sources/{source}", sources_page.source, "source"),
    Page("/sources/{source}/run", sources_page.run_now, "run source", Role.OPERATOR, "POST"),
    Page("/sources/{source}/heal", healing_page.ask, "look for healing", Role.OPERATOR, "POST"),
    Page("/sources/{source}/healed", healing_page.apply, "heal source", Role.OPERATOR, "POST"),
    Page("/sources/{source}/enabled", sources_page.enable, "enable source", Role.OPERATOR, "POST"),
    Page("/sources/{source}/pause", sources_page.pause, "pause source", Role.OPERATOR, "POST"),
    Page("/sources/{source}/retry", sources_page.retry, "retry URLs", Role.OPERATOR, "POST"),
    Page("/operations", operations_page.operations, "operations", Role.OPERATOR),
    Page("/operations/removals", removal_page.listing, "removals", Role.OPERATOR),
    Page("/operations/made", made_page.show, "made here", Role.OPERATOR),
    Page("/operations/made/{file}", made_page.file, "file of what was made here", Role.OPERATOR),
    Page("/operations/mails", operations_page.mails, "change mails", Role.OPERATOR, "POST"),
    Page("/operations/index", operations_page.index, "change index quarantine", Role.OPERATOR, "POST"),
    Page("/operations/matches", operations_page.matches, "retry matches", Role.OPERATOR, "POST"),
    Page("/articles/{article}", article_page.article, "article"),
    Page("/articles/{article}/evidence", evidence_page.evidence, "evidence"),
    Page("/articles/{article}/remove", removal_page.ask, "ask of removal of article", Role.OPERATOR),
    Page("/articles/{article}/remove", removal_page.remove, "remove article", Role.OPERATOR, "POST"),
    Page("/articles/{article}/raw", article_page.raw, "raw page"),
    Page("/articles/{article}/revisions", article_page.revisions, "revisions"),
    Page("/articles/{article}/revisions/{change}", article_page.revisions, "change"),
    Page("/articles/{article}/marks", marking.mark, "mark article", Role.EDITOR, "POST"),
    Page("/articles/{article}/notes/{note}", marking.note, "note", Role.EDITOR),
    Page("/articles/{article}/notes/{note}", marking.change_note, "change note", Role.EDITOR, "POST"),
    Page("/collections", collection_pages.listing, "collections"),
    Page("/collections", collection_pages.make, "make collection", Role.EDITOR, "POST"),
    Page("/collections/{collection}", collection_pages.one, "collection"),
    Page("/collections/{collection}", collection_pages.describe, "describe collection", Role.EDITOR, "POST"),
    Page("/collections/{collection}/export/{form}", collection_pages.export, "collection export"),
    Page("/collections/{collection}/articles", collection_pages.take_out, "take out", Role.EDITOR, "POST"),
    Page(
        "/collections/{collection}/remove",
        collection_pages.ask_removal,
        "ask of removal of collection",
        Role.EDITOR,
    ),
    Page(
        "/collections/{collection}/remove", collection_pages.remove, "remove collection", Role.EDITOR, "POST"
    ),
    Page("/tags", collection_pages.tags, "tags"),
    Page("/tags", collection_pages.change_tag, "change tag", Role.EDITOR, "POST"),
    Page("/stories/{story}", story_page.story, "story"),
    Page("/why", why_page.why, "why"),
    Page("/watches", watch_pages.listing, "watches"),
    Page("/watches/new", watch_editing.new, "new watch", Role.EDITOR),
    Page("/watches/new", watch_editing.make, "make watch", Role.EDITOR, "POST"),
    Page("/watches/preview/mail", watch_editing.trial_of_mail, "trial mail", Role.EDITOR),
    Page("/watches/{watch}", watch_pages.one, "watch"),
    Page("/watches/{watch}/mails/{mail}", mail_page.show, "mail of watch", Role.EDITOR),
    Page("/watches/{watch}/mails/{mail}/body", mail_page.body, "body of mail", Role.EDITOR),
    Page("/watches/{watch}/edit", watch_editing.edit, "edit watch", Role.EDITOR),
    Page("/watches/{watch}/edit", watch_editing.change, "change watch", Role.EDITOR, "POST"),
    Page("/watches/{watch}/pause", watch_acts.pause, "pause watch", Role.EDITOR, "POST"),
    Page("/watches/{watch}/resume", watch_acts.resume, "resume watch", Role.EDITOR, "POST"),
    Page("/watches/{watch}/mute", watch_acts.mute, "mute in watch", Role.EDITOR, "POST"),
    Page("/watches/{watch}/switch", watch_acts.switch, "switch watch", Role.EDITOR, "POST"),
    Page("/watches/{watch}/remove", watch_acts.ask_removal, "ask of removal of watch", Role.EDITOR),
    Page("/watches/{watch}/remove", watch_acts.remove, "remove watch", Role.EDITOR, "POST"),
    Page("/reviews", review_pages.listing, "reviews"),
    Page("/reviews/new", making.form, "new review", Role.EDITOR),
    Page("/reviews/new", making.make, "make review", Role.EDITOR, "POST"),
    Page("/reviews/{review}", review_pages.one, "review"),
    Page("/reviews/{review}/edit", issue_desk.desk, "edit issue", Role.EDITOR),
    Page("/reviews/{review}/edit", issue_desk.change, "change issue", Role.EDITOR, "POST"),
    Page("/reviews/{review}/preview", issue_desk.preview, "preview of issue", Role.EDITOR),
    Page("/reviews/{review}/preview/mail", issue_desk.preview_mail, "mail of coming issue", Role.EDITOR),
    Page("/reviews/{review}/preview/pdf", issue_desk.preview_pdf, "PDF of coming issue", Role.EDITOR),
    Page("/reviews/{review}/send", issue_desk.send, "send issue", Role.EDITOR, "POST"),
    Page("/reviews/{review}/issues/{issue}", review_pages.issue, "issue"),
    Page("/reviews/{review}/issues/{issue}/mail", review_pages.issue_mail, "mail of issue"),
    Page("/reviews/{review}/issues/{issue}/pdf", review_pages.issue_pdf, "PDF of issue"),
    Page("/reviews/{review}/export/{form}", review_pages.export, "export of issues"),
    Page("/mail/{token}", choosing.overview, "overview", None),
    Page("/mail/{token}/{kind}", choosing.ask, "ask", None),
    Page("/mail/{token}/{kind}", choosing.choose, "choose", None, "POST"),
    Page("/mail/{token}/{kind}/{subject}", choosing.ask, "ask about", None),
    Page("/mail/{token}/{kind}/{subject}", choosing.choose, "choose about", None, "POST"),
    Page("/hub/{token}", hub_callback.make_sure, "hub makes sure", None),
    Page("/hub/{token}", hub_callback.take, "hub pushes", None, "POST"),
    Page("/feeds/{token}.atom", feeds.of_watch, "feed", None),
    Page("/feeds/{token}.json", feeds.of_watch, "JSON feed", None),
    Page("/feeds/search/{token}.atom", feeds.of_search, "search feed", None),
    Page("/health/live", health.live, "live", None),
    Page("/health/ready", health.ready, "ready", None),
    Page("/metrics", health.metrics, "metrics", None),
    Page("/feeds/search/{token}.json", feeds.of_search, "search JSON feed", None),
)


def routes() -> Iterator[Route]:
    """The pages as Starlette knows them."""
    for page in PAGES:
        answer: ReadersPage = page.answer
        endpoint = page.answer if page.role is None else for_role(page.role, answer)
        yield Route(page.path, endpoint, methods=[page.method], name=page.name)
