"""The mail that tells a watch's owner what its recipients chose by the links of their mails."""

from collections.abc import Mapping, Sequence

from presswatch import languages
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.watches.audience import Audience
from presswatch.watches.content import RenderedDigest, render_with
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.wording import Wording

ABOUT_ARTICLES = (ChoiceKind.NOT_RELEVANT, ChoiceKind.MUTE_STORY)
_TITLE_LENGTH = 200


def render_choices(
    watch_id: str, watch: str, made: Sequence[Choice], titles: Mapping[str, str], audience: Audience
) -> RenderedDigest:
    """The choices in words. `titles` has the headlines of articles and the names of sources, by their ids."""

    def lines(words: Wording) -> list[str]:
        return [_by_recipient(one, titles, audience.time_zone, words) for one in made]

    plain, marked = (Wording(audience.language, is_html=is_html) for is_html in (False, True))
    subject = single_line(plain.gettext("%(watch)s: what recipients chose", watch=watch))
    values = {"watch_id": watch_id, "watch": watch, "lines_text": lines(plain), "lines_html": lines(marked)}
    return render_with("choices", subject, values, audience)


def phrase(choice: Choice, title: str, zone: str, words: Wording) -> str:
    """A choice in words, without whose it is."""
    about = words.isolated(truncate(single_line(title), _TITLE_LENGTH))
    match choice.kind:
        case ChoiceKind.NOT_RELEVANT:
            return words.gettext("Not relevant: %(title)s", title=about)
        case ChoiceKind.MUTE_STORY:
            return words.gettext("Story muted: %(title)s", title=about)
        case ChoiceKind.MUTE_SOURCE:
            return words.gettext("Source muted: %(title)s", title=about)
        case ChoiceKind.PAUSE if choice.until is not None:
            until = words.isolated(languages.clock(choice.until, words.language, zone))
            return words.gettext("Mails paused until %(time)s", time=until)
        case ChoiceKind.PAUSE:
            return words.gettext("Mails paused")
        case ChoiceKind.STOP:
            return words.gettext("Mails ended")


def _by_recipient(choice: Choice, titles: Mapping[str, str], zone: str, words: Wording) -> str:
    said = phrase(choice, titles.get(choice.subject) or choice.subject, zone, words)
    if choice.undone:
        said = words.gettext("Taken back: %(choice)s", choice=said)
    recipient = words.isolated(single_line(choice.recipient))
    return words.gettext("%(recipient)s: %(choice)s", recipient=recipient, choice=said)
