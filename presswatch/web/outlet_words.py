"""What the configuration says of an outlet, in words for readers."""

from collections.abc import Iterator

from presswatch import languages
from presswatch.outlet_facts import OutletFacts, OutletKind
from presswatch.watches.wording import Wording


def kind_name(kind: str, words: Wording) -> str:
    """What a kind of outlet is called."""
    return {
        OutletKind.AGENCY: words.gettext("News agency"),
        OutletKind.DAILY: words.gettext("Daily newspaper"),
        OutletKind.WEEKLY: words.gettext("Weekly newspaper"),
        OutletKind.MAGAZINE: words.gettext("Magazine"),
        OutletKind.TRADE: words.gettext("Trade press"),
        OutletKind.BROADCASTER: words.gettext("Broadcaster"),
        OutletKind.ONLINE: words.gettext("Online only"),
        OutletKind.BLOG: words.gettext("Blog"),
        OutletKind.INSTITUTION: words.gettext("Institution"),
    }[OutletKind(kind)]


def told(facts: OutletFacts, words: Wording) -> Iterator[str]:
    """Its country, kind and reach, those that are known."""
    if facts.country:
        yield languages.country_name(facts.country, words.language)
    if facts.kind:
        yield kind_name(facts.kind, words)
    if facts.reach is not None:
        yield words.gettext("reach %(number)s", number=languages.number(facts.reach, words.language))
