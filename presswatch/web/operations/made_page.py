"""What was made here, for operators to take away as files."""

import io
import zipfile

from starlette.responses import Response, StreamingResponse

from presswatch.watches.wording import Wording
from presswatch.web.asking import Asked
from presswatch.web.operations import made_here

_SEARCHES = "searches.zip"


def show(asked: Asked) -> Response:
    """The files there are, each with what is in it."""
    with asked.service.archive.reading() as tx:
        files, left = made_here.search_files(tx, asked.config.saved_queries)
    return asked.page("made", files=_told(asked.words), archive=_SEARCHES, searches=len(files), left=left)


def file(asked: Asked) -> Response:
    """One of them, to be saved."""
    name = asked.request.path_params["file"]
    headers = {"content-disposition": f'attachment; filename="presswatch-{name}"'}
    if name == _SEARCHES:
        return Response(_zip(asked), media_type="application/zip", headers=headers)
    if name not in made_here.FILES:
        return asked.message(404, asked.words.gettext("There is no such file."))
    found = made_here.lines(asked.service.archive, name)
    return StreamingResponse(found, media_type="application/x-ndjson", headers=headers)


def _zip(asked: Asked) -> bytes:
    with asked.service.archive.reading() as tx:
        files, _left = made_here.search_files(tx, asked.config.saved_queries)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for path, text in files.items():
            into.writestr(f"searches/{path}", text)
    return packed.getvalue()


def _told(words: Wording) -> dict[str, str]:
    """The files of JSON Lines, and what each holds."""
    told = {
        "accounts.jsonl": words.gettext("accounts: name, role, language; no passwords"),
        "saved-searches.jsonl": words.gettext("saved searches, each with its whole address"),
        "marks.jsonl": words.gettext("tags and notes on articles, and the collections they are in"),
        "collections.jsonl": words.gettext("collections: their names and descriptions"),
        "choices.jsonl": words.gettext(
            "what recipients chose by the links of mails, and mutes for everybody"
        ),
        "pauses.jsonl": words.gettext("watches that are paused, and until when"),
        "removed-articles.jsonl": words.gettext("articles that were removed: their addresses, when and why"),
        "stories-apart.jsonl": words.gettext("stories that somebody told apart"),
        "tokens.jsonl": words.gettext("tokens of programs: name and what each may read; not the tokens"),
        "audit-trail.jsonl": words.gettext("the audit trail"),
    }
    return {name: told.get(name, "") for name in made_here.FILES}
