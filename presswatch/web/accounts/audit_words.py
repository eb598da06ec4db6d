"""What the audit trail keeps, in words for who reads it."""

from datetime import datetime

from presswatch import languages
from presswatch.accounts import Role
from presswatch.archive import alerts
from presswatch.archive.audit import Act
from presswatch.archive.tables import ActorKind, ChoiceKind, Finish
from presswatch.watches.wording import Wording
from presswatch.web.accounts.account_words import role_name

_UNDONE = "undo-"


def kinds(words: Wording) -> dict[str, str]:
    """The kinds of acts there are: the noun of each, and what it is called."""
    return {
        "account": words.gettext("Accounts"),
        "session": words.gettext("Signing in and out"),
        "search": words.gettext("Saved searches"),
        "watch": words.gettext("Watches"),
        "choice": words.gettext("Choices of recipients"),
        "source": words.gettext("Sources"),
        "site": words.gettext("Looks at sites"),
        "mail": words.gettext("Mails"),
        "index": words.gettext("Quarantine of the index"),
        "article": words.gettext("Articles"),
        "note": words.gettext("Notes"),
        "tag": words.gettext("Tags of the desk"),
        "collection": words.gettext("Collections"),
        "review": words.gettext("Press reviews"),
    }


def act_said(did: str, words: Wording) -> str:
    """What was done; an act of another version as it is kept."""
    return _acts(words).get(did, did)


def who_said(act: Act, words: Wording) -> str:
    """Who did it."""
    kind, name = act.actor
    if kind is ActorKind.ACCOUNT:
        return words.isolated(name)
    if kind is ActorKind.COMMAND:
        return words.gettext("%(user)s, by a command", user=words.isolated(name))
    if kind is ActorKind.RECIPIENT:
        return words.gettext("%(address)s, by the link of a mail", address=words.isolated(name))
    return words.gettext("Whoever sat at this machine")


def details_said(act: Act, words: Wording, zone: str) -> list[tuple[str, str]]:
    """What else is kept of an act: names and values."""
    names = detail_names(words)
    if act.did == "account.link":
        names["subject"] = words.gettext("identity at the provider")
    return [
        (names.get(name, name), _value(act.did, name, value, words, zone))
        for name, value in act.detail.items()
        if value is not None
    ]


def _value(did: str, name: str, value: object, words: Wording, zone: str) -> str:
    # 1 is a number of articles, and a tag may be called true.
    if value is True or (name == "enabled" and value == "true"):
        return words.gettext("yes")
    if value is False or (name == "enabled" and value == "false"):
        return words.gettext("no")
    if did.startswith("account.") and name in ("role", "from", "to") and value in {one.word for one in Role}:
        return role_name(Role.of(str(value)), words)
    if name in ("until", "slot"):
        return _time(str(value), words, zone)
    if name == "how":
        return _ways(words).get(str(value), str(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _time(value: str, words: Wording, zone: str) -> str:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return value
    is_open = time == alerts.FOR_EVER
    return words.gettext("somebody resumes it") if is_open else languages.clock(time, words.language, zone)


def _ways(words: Wording) -> dict[str, str]:
    return {
        Finish.HOUR: words.gettext("at its hour"),
        Finish.NOW: words.gettext("at once, in place of its hour"),
        Finish.EXTRA: words.gettext("at once, besides its hour"),
    }


def _acts(words: Wording) -> dict[str, str]:
    chosen = {
        ChoiceKind.NOT_RELEVANT: words.gettext("called an article not relevant"),
        ChoiceKind.MUTE_STORY: words.gettext("muted a story in the mails to them"),
        ChoiceKind.MUTE_SOURCE: words.gettext("muted a source in the mails to them"),
        ChoiceKind.PAUSE: words.gettext("paused the mails to them"),
        ChoiceKind.STOP: words.gettext("ended the mails to them"),
    }
    taken_back = {
        ChoiceKind.NOT_RELEVANT: words.gettext("took back that an article is not relevant"),
        ChoiceKind.MUTE_STORY: words.gettext("muted a story in the mails to them no more"),
        ChoiceKind.MUTE_SOURCE: words.gettext("muted a source in the mails to them no more"),
        ChoiceKind.PAUSE: words.gettext("resumed the mails to them"),
        ChoiceKind.STOP: words.gettext("took back that the mails to them end"),
    }
    return {
        "account.add": words.gettext("added an account"),
        "account.remove": words.gettext("removed an account"),
        "account.role": words.gettext("changed a role"),
        "account.password": words.gettext("changed a password"),
        "account.one-time-password": words.gettext("made a password for once"),
        "account.language": words.gettext("changed the language of the pages"),
        "account.end-sessions": words.gettext("ended sessions"),
        "session.begin": words.gettext("signed in"),
        "session.end": words.gettext("signed out"),
        "search.save": words.gettext("saved a search"),
        "search.rename": words.gettext("renamed a saved search"),
        "search.remove": words.gettext("removed a saved search"),
        "watch.add": words.gettext("made a watch"),
        "watch.edit": words.gettext("changed a watch"),
        "watch.remove": words.gettext("removed a watch"),
        "watch.switch": words.gettext("switched a watch on or off"),
        "watch.pause": words.gettext("paused a watch"),
        "watch.resume": words.gettext("resumed a watch"),
        "watch.mute-story": words.gettext("muted a story for everybody"),
        "watch.mute-source": words.gettext("muted a source for everybody"),
        "watch.undo-mute-story": words.gettext("muted a story for everybody no more"),
        "watch.undo-mute-source": words.gettext("muted a source for everybody no more"),
        "watch.retry": words.gettext("had matches tried again"),
        "source.add": words.gettext("added a source"),
        "source.heal": words.gettext("had a look where a source's articles are listed now"),
        "source.run": words.gettext("had a source run"),
        "source.enable": words.gettext("switched a source on"),
        "source.disable": words.gettext("switched a source off"),
        "source.pause": words.gettext("paused a source"),
        "source.resume": words.gettext("resumed a source"),
        "source.edit": words.gettext("changed a source"),
        "source.rename": words.gettext("gave a source another id"),
        "source.remove": words.gettext("removed a source"),
        "source.import": words.gettext("had a list of sources looked at"),
        "source.retry": words.gettext("had pages of a source tried again"),
        "site.look": words.gettext("had a site looked at"),
        "mail.retry": words.gettext("had mails sent again"),
        "mail.drop": words.gettext("gave up mails"),
        "index.retry": words.gettext("had articles indexed again"),
        "index.drop": words.gettext("gave up articles that the index refuses"),
        "article.remove": words.gettext("removed an article on request"),
        "article.import": words.gettext("imported articles from a file"),
        "article.tag": words.gettext("put a tag on an article"),
        "article.untag": words.gettext("took a tag off an article"),
        "note.write": words.gettext("wrote a note on an article"),
        "note.change": words.gettext("changed a note on an article"),
        "note.remove": words.gettext("removed a note on an article"),
        "tag.rename": words.gettext("renamed a tag"),
        "tag.remove": words.gettext("took a tag off all articles"),
        "collection.make": words.gettext("made a collection"),
        "collection.describe": words.gettext("changed the name or description of a collection"),
        "collection.add": words.gettext("put an article into a collection"),
        "collection.take-out": words.gettext("took an article out of a collection"),
        "collection.remove": words.gettext("removed a collection"),
        "review.make": words.gettext("made a press review"),
        "review.edit": words.gettext("edited an issue of a press review"),
        "review.finish": words.gettext("finished an issue of a press review"),
        "account.link": words.gettext("was linked with an identity at the provider"),
        **{f"choice.{kind}": said for kind, said in chosen.items()},
        **{f"choice.{_UNDONE}{kind}": said for kind, said in taken_back.items()},
    }


def detail_names(words: Wording) -> dict[str, str]:
    """What is kept of acts besides their subject: the key of each, and what it is called."""
    return {
        "role": words.gettext("role"),
        "file": words.gettext("Its file"),
        "alert": words.gettext("Mails"),
        "from": words.gettext("before"),
        "to": words.gettext("now"),
        "language": words.gettext("language"),
        "sessions": words.gettext("sessions"),
        "query": words.gettext("query"),
        "address": words.gettext("address"),
        "addresses": words.gettext("addresses"),
        "until": words.gettext("until"),
        "skipped": words.gettext("passed over what was found meanwhile"),
        "of": words.gettext("of"),
        "enabled": words.gettext("on"),
        "keys": words.gettext("keys"),
        "mails": words.gettext("mails"),
        "mail": words.gettext("mail"),
        "passed_over": words.gettext("articles of which nobody is told"),
        "pages": words.gettext("pages"),
        "subject": words.gettext("of"),
        "tag": words.gettext("tag"),
        "note": words.gettext("note"),
        "article": words.gettext("article"),
        "articles": words.gettext("articles"),
        "name": words.gettext("name"),
        "before": words.gettext("before"),
        "issuer": words.gettext("provider"),
        "list": words.gettext("list"),
        "outlets": words.gettext("outlets"),
        "new": words.gettext("new id"),
        "how": words.gettext("sent"),
        "slot": words.gettext("hour"),
        "version": words.gettext("version"),
        "acts": words.gettext("changes"),
    }
