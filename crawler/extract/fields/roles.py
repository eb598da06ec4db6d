"""What stands beside a name in a byline and is none: a job, or the place where somebody writes from."""

import re
from functools import cache
from zoneinfo import available_timezones

from crawler.extract.page.text import key

_JOBS = re.compile(
    r"""\b(?:
    (?:photo-?)?journalist(?:in|e)?|reporters?|reporter(?:in|ka)|correspondents?|editors?|editor[ae]|writers?|columnists?|
    contributors?|producers?|photographers?|analysts?|interns?|freelancers?|fellows?|professors?|lecturers?|
    director[ae]?|presidents?|ministers?|founders?|co-founder|chief|head|senior|staff|special\ to|ceo|
    redakteur(?:in|e)?|redakt(?:ør|ör|or|orka|orin)|chefredakteur(?:in)?|korrespondent(?:in|en)?|volont[äa]r(?:in)?|
    leiter(?:in)?|ressortleiter(?:in)?|freie[rn]?|autor(?:in)?|kolumnist(?:in)?|
    journaliste|r[ée]dact(?:eur|rice)|correspondante?|envoy[ée]e?|chroniqueu(?:r|se)|directeur|directrice|chef|
    grand\ reporter|
    periodista|redactora?|corresponsal|enviad[oa]|jefe|jefa|columnista|
    giornalista|redattore|redattrice|corrispondente|inviat[oa]|direttore|direttrice|
    jornalista|rep[óo]rter|correspondente|colunista|
    redacteur|verslaggev(?:er|ster)|hoofdredacteur|
    dziennikar(?:z|ka)|korespondent(?:ka)?|publicyst(?:a|ka)|
    muhabiri?|editörü?|yazarı?|
    корреспондент|обозреватель|журналист(?:ка)?|редактор|автор|кореспондент(?:ка)?|журналіст(?:ка)?
    )\b""",
    re.I | re.X,
)


def is_job(text: str) -> bool:
    """Whether a part of a byline tells what somebody does."""
    return bool(_JOBS.search(text))


def is_place(text: str) -> bool:
    """Whether it is a country, or a city that the time zone database names a zone by."""
    return key(text) in _places()


@cache
def _places() -> frozenset[str]:
    from babel import Locale  # slow to import, and needed only where a byline has several parts

    cities = (name.rsplit("/", 1)[-1].replace("_", " ") for name in available_timezones())
    return frozenset(map(key, (*cities, *Locale.parse("en").territories.values())))
