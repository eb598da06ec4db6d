"""What presswatch says to readers: the messages of code and templates, and the catalogues of translations.

`make messages` runs this: new messages are added to the catalogues, empty, and those that are said no more
are removed.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from presswatch.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2] / "presswatch"
# English is what the message ids are.
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_KEYWORDS = DEFAULT_KEYWORDS | {"Translatable": None, "counted": (1, 2)}
_METHODS = [("**/templates/**.*", "jinja2.ext:babel_extract"), ("**.py", "python")]


def extracted() -> Catalog:
    """Every message, with the files that say it and what is noted for translators."""
    template = Catalog(project="presswatch", fuzzy=False)
    found = extract_from_dir(
        str(ROOT), _METHODS, keywords=_KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for file, _line, message, comments, context in found:
        template.add(message, None, [(f"presswatch/{file}", 0)], auto_comments=comments, context=context)
    return template


def catalogue_file(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "presswatch.po"


def catalogue(language: str) -> Catalog:
    """A catalogue as it stands in its file."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def refreshed(language: str) -> str:
    """The text of a catalogue's file with every message that is said now, and none that is said no more."""
    known, fresh = catalogue(language), Catalog(language)
    for message in filter(lambda one: one.id, extracted()):
        before = known.get(message.id)
        # A message that had no plural before, or has none any more, is another one.
        string = before.string if before and before.id == message.id else None
        fresh.add(message.id, string, message.locations, auto_comments=message.auto_comments)
    header = (
        ("Language", language),
        ("Plural-Forms", known.plural_forms),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    )
    head = "".join(f'"{name}: {value}\\n"\n' for name, value in header)
    messages = BytesIO()
    write_po(messages, fresh, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
    return f'msgid ""\nmsgstr ""\n{head}\n{messages.getvalue().decode().strip()}\n'


if __name__ == "__main__":
    for one in TRANSLATED:
        catalogue_file(one).write_text(refreshed(one))
