"""The page of a story: who had it first, and who else has it."""

from starlette.responses import Response

from presswatch import languages
from presswatch.archive import articles, removals, stories
from presswatch.web.articles.article_page import no_article, source_names
from presswatch.web.articles.story_life import story_life
from presswatch.web.asking import Asked

# So many articles are listed; the others are counted.
_SHOWN = 200


def story(asked: Asked) -> Response:
    """A story by its id; by one that it went by before, or by an article's, the answer leads to it."""
    id_ = asked.request.path_params["story"]
    with asked.service.archive.reading() as tx:
        known = articles.get(tx, id_)
        current = known.story if known else stories.current(tx, id_)
        records = articles.records(tx, stories.members(tx, current))
        if not records:
            return no_article(asked, removals.removal_of(tx, id_))
        heads = articles.revision_heads(tx, [one.id for one in records])
    if current != id_:
        return asked.go(f"/stories/{current}")
    told = sorted(records, key=lambda one: (one.time, one.first_seen))[:_SHOWN]
    mirrored = languages.direction(asked.words.language) == "rtl"
    return asked.page(
        "story",
        first=told[0],
        told=told,
        more=len(records) - len(told),
        outlets=len({one.source for one in records}),
        heads=heads,
        life=story_life(told, heads, mirrored=mirrored),
        names=source_names(asked.config),
        zone=asked.config.time_zone,
    )
