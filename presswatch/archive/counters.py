"""Numbers that a site counts up under an article: how often it was read, how many comments it has."""

import re
from collections.abc import Iterator

from presswatch.model import Article

_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*")
# What readers do with an article, in the languages that most of the press is written in.
_COUNTED = re.compile(
    r"\b(?:views?|viewed|reads?|comments?|likes?|shares?|shared|"
    r"aufrufe|gelesen|kommentare?|geteilt|vues?|lue?s?|commentaires?|partag\w+|"
    r"visitas|lecturas|le[ií]d[oa]|vistas?|comentarios?|compartid\w+|visualiz\w+|lett[oa]|comment[oi]|condivis\w+|"
    r"leituras|lid[oa]|coment[aá]rios?|weergaven|gelezen|reacties|visningar|läst|kommentarer|lesninger|"
    r"wyświetle\w+|odsłon\w*|przeczytan\w+|komentarz\w*|zobrazen\w+|přečten\w+|megtekint\w+|hozzászól\w+|"
    r"просмотр\w*|прочитан\w*|комментари\w*|перегляд\w*|прочитал\w*|коментар\w*|"
    r"okunma|görüntülen\w+|yorum\w*)\b|回閲覧|閲覧|コメント|阅读|浏览|评论|閱讀|瀏覽|조회|댓글|مشاهد|قراء|تعليق",
    re.I,
)


def only_counters_grew(before: Article, after: Article) -> bool:
    """Whether two readings of an article differ in nothing but numbers of readers that have grown.

    A number that went down, or one that counts anything else (the dead, say), is an edit.
    """
    if (before.title, before.summary) != (after.title, after.summary) or len(before.blocks) != len(
        after.blocks
    ):
        return False
    pairs = [(old.text, new.text) for old, new in zip(before.blocks, after.blocks, strict=True)]
    return all(old == new or _grew(old, new) for old, new in pairs)


def _grew(old: str, new: str) -> bool:
    if not _COUNTED.search(old) or _NUMBER.sub("#", old) != _NUMBER.sub("#", new):
        return False
    return all(earlier <= later for earlier, later in zip(_numbers(old), _numbers(new), strict=True))


def _numbers(line: str) -> Iterator[int]:
    for found in _NUMBER.findall(line):
        yield int(re.sub(r"\D", "", found))
