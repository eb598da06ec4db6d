"""What is said of marks to readers, in their words."""

from presswatch.archive import marks
from presswatch.archive.marks import MarkFault
from presswatch.watches.wording import Wording

# So many tags, the last ones that were used, and collections are offered.
OFFERED = 200


def fault_said(fault: MarkFault, words: Wording) -> str:
    """Why something cannot be marked."""
    said = {
        MarkFault.NO_TAG: words.gettext("A tag needs a letter, a digit or a sign."),
        MarkFault.LONG_TAG: words.gettext(
            "A tag has at most %(most)s characters. A note can be longer.",
            most=words.number(marks.LONGEST_TAG),
        ),
        MarkFault.MANY_TAGS: words.gettext(
            "An article has at most %(most)s tags.", most=words.number(marks.MOST_TAGS)
        ),
        MarkFault.NO_NOTE: words.gettext("A note needs words."),
        MarkFault.LONG_NOTE: words.gettext(
            "A note has at most %(most)s characters.", most=words.number(marks.LONGEST_NOTE)
        ),
        MarkFault.MANY_NOTES: words.gettext(
            "An article has at most %(most)s notes.", most=words.number(marks.MOST_NOTES)
        ),
        MarkFault.NO_NAME: words.gettext("A collection needs a name."),
        MarkFault.LONG_NAME: words.gettext(
            "The name of a collection has at most %(most)s characters.",
            most=words.number(marks.LONGEST_NAME),
        ),
        MarkFault.LONG_DESCRIPTION: words.gettext(
            "The description of a collection has at most %(most)s characters.",
            most=words.number(marks.LONGEST_DESCRIPTION),
        ),
        MarkFault.TAKEN: words.gettext("There is a collection of this name already."),
        MarkFault.FULL: words.gettext(
            "A collection has at most %(most)s articles.", most=words.number(marks.MOST_COLLECTED)
        ),
        MarkFault.NO_ARTICLE: words.gettext("There is no such article."),
        MarkFault.NO_COLLECTION: words.gettext("There is no such collection."),
    }
    return said[fault]


def done(act: str, words: Wording) -> str:
    """What was just done, as `done` of the address says; "" for nothing."""
    said = {
        "tag": words.gettext("The tags are on."),
        "untag": words.gettext("The tag was taken off."),
        "collect": words.gettext("It is in the collection."),
        "release": words.gettext("It was taken out of the collection."),
        "note": words.gettext("The note was written."),
        "note-removed": words.gettext("The note was removed."),
        "collection": words.gettext("The collection was made."),
        "described": words.gettext("The collection was changed."),
        "collection-removed": words.gettext("The collection was removed. Its articles are still there."),
        "tag-renamed": words.gettext("The tag was renamed on all its articles."),
        "tag-removed": words.gettext("The tag was taken off all articles."),
        "no-tag": words.gettext("No article has that tag: nothing was changed."),
    }
    return said.get(act, "")


def who(name: str, words: Wording) -> str:
    """Who put a mark: an account's name, or whoever sat at this machine."""
    return words.isolated(name) if name else words.gettext("whoever sat at this machine")
