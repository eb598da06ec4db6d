"""No page that takes a form is forgotten by the tests that press its button in a browser."""

import re
from pathlib import Path

from presswatch.web.routes import PAGES
from support.clicked import ANSWERED_IN_PLACE, CLICKED

# Hubs press no button.
TAKING_FORMS = {page.name for page in PAGES if page.method == "POST"} - {"hub pushes"}


def test_each_page_that_takes_a_form_has_a_row() -> None:
    assert CLICKED.keys() == TAKING_FORMS, "support/clicked.py has a row for each of routes.PAGES"
    assert ANSWERED_IN_PLACE.keys() <= TAKING_FORMS


def test_each_row_names_a_test_that_is_held_to_it() -> None:
    for test in {*CLICKED.values()}:
        file, name = test.split("::")
        text = (Path(__file__).parent / file).read_text()
        # The fixture `visit` looks at what was pressed.
        assert re.search(rf"^def {name}\([^)]*visit: Visit", text, re.MULTILINE), test
