"""What somebody typed is shown under the labels of the form."""

import re
from pathlib import Path

import presswatch.web
from presswatch.watches.wording import Wording
from presswatch.web import form_words
from presswatch.web.accounts.wanted import Wanted

WORDS = Wording("en", is_html=True)
TEMPLATES = Path(presswatch.web.__file__).parent / "templates"
# What is chosen among things that are shown where they are chosen.
CHOSEN = {"chosen", "mark", "outlet", "enabled", "list", "source", "kind", "account"}


def test_every_field_that_somebody_fills_has_a_label() -> None:
    names = set()
    for path in TEMPLATES.glob("*.html"):
        for form in re.findall(r'<form method="post".*?</form>', path.read_text(), re.DOTALL):
            for field in re.findall(r"<(?:input|textarea|select)\b[^>]*", form):
                if 'type="hidden"' not in field and (named := re.search(r'name="([a-z_]+)"', field)):
                    names.add(named[1])
    assert len(names) > 20, "the templates were not read"
    unlabelled = {one for one in names - CHOSEN - form_words.labels(WORDS).keys() if "password" not in one}
    assert unlabelled == set()


def test_a_watch_is_shown_as_its_form_says_it() -> None:
    fields = (
        *(("form", "1"), ("seen", "d3b0"), ("do", "save"), ("name", "Ferries"), ("way", "every")),
        *(("every", "1h"), ("cron", "0 8 * * 1-5"), ("quiet", ""), ("tells", "matches")),
    )
    assert form_words.typed(Wanted("/watches/new", True, fields), WORDS) == [
        ("Name", "Ferries"),
        ("Mails leave", "as a digest every"),
        ("Every", "1h"),
        ("Tells of", "New articles that match"),
    ]


def test_nothing_is_said_of_what_nobody_typed() -> None:
    fields = (("address", "q=ferry"), ("name", "Ferries"))
    assert form_words.typed(Wanted("/searches", True, fields), WORDS) == [("Name", "Ferries")]
