"""Queries that were written for another program, and typed into the search page."""

import re

from presswatch.errors import QueryError
from presswatch.query.conversion import DIALECTS, Conversion, convert
from presswatch.translatable import Translatable

# As the programs call themselves.
PROGRAMS = {
    "brandwatch": "Brandwatch",
    "cision": "Cision",
    "factiva": "Factiva",
    "lexisnexis": "LexisNexis",
    "meltwater": "Meltwater",
    "talkwalker": "Talkwalker",
}
# Fields before a parenthesis or an equals sign; a word cut off by `!`; operators in small letters.
_FOREIGN = re.compile(
    r"\b(?!(?:AND|OR|NOT|TO)\b)[A-Za-z]{2,}\(|\b[a-z]{2,4}=|\w!(?=\s|\)|$)|\b(?:same|near\d+|adj\d*)\b"
)


def looks_foreign(query: str) -> bool:
    """Whether it has signs that mean something to other programs and are words, or nothing, to us."""
    return bool(_FOREIGN.search(query))


def converted(query: str, program: str) -> Conversion:
    """The query of such a program in our language. Raises QueryError."""
    dialect = DIALECTS.get(program)
    if dialect is None:
        raise QueryError(
            Translatable(
                "queries of %(program)s are not known; of %(known)s they are",
                program=program,
                known=", ".join(PROGRAMS.values()),
            )
        )
    return convert(query, dialect)


def notices(conversion: Conversion) -> list[Translatable]:
    """What was changed, a line each."""
    return [
        Translatable("line %(line)s, not the same: %(what)s", line=str(one.line), what=one.what)
        if one.lost
        else Translatable("line %(line)s: %(what)s", line=str(one.line), what=one.what)
        for one in conversion.changes
    ]
