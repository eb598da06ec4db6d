"""The catalogues say in each language all that presswatch says, and nothing else."""

import re
from gettext import c2py

import pytest
from babel.messages.catalog import Message

from support.messages import TRANSLATED, catalogue, catalogue_file, extracted, refreshed


def forms(said: object) -> list[str]:
    return [said] if isinstance(said, str) else [str(one) for one in said]  # type: ignore[attr-defined]  # a tuple


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def covers_one_number(form: int, rule: str) -> bool:
    """Whether a plural form is that of one count alone, which its words may then say themselves."""
    choose = c2py(rule)
    return [choose(count) for count in range(1000)].count(form) == 1


def test_there_is_something_to_translate() -> None:
    assert len([message for message in extracted() if message.id]) > 40


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete_and_has_nothing_else(language: str) -> None:
    said, known = extracted(), catalogue(language)
    messages = {message.id: message for message in known if message.id}
    assert messages.keys() == {message.id for message in said if message.id}
    assert not known.obsolete
    assert not [message.id for message in messages.values() if message.fuzzy]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_form_is_there_with_the_placeholders_of_the_message(language: str) -> None:
    known = catalogue(language)
    for message in filter(lambda one: one.id, known):
        translated, ids = forms(message.string), forms(message.id)
        assert len(translated) == (known.num_plurals if message.pluralizable else 1), message.id
        for number, form in enumerate(translated):
            assert form.strip(), message.id
            missing = placeholders(ids[-1]) - placeholders(form)
            assert placeholders(form) <= placeholders(ids[-1]), message.id
            may_lack = {"num"} if _says_one(message, number, known.plural_expr) else set()
            assert missing <= may_lack, (message.id, form)


def _says_one(message: Message, form: int, rule: str) -> bool:
    return bool(message.pluralizable) and covers_one_number(form, rule)


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_but_placeholders_is_a_format(language: str) -> None:
    for message in filter(lambda one: one.id, catalogue(language)):
        for form in forms(message.string):
            assert "%" not in re.sub(r"%\(\w+\)s", "", form)
            assert "<" not in form


@pytest.mark.parametrize("language", TRANSLATED)
def test_refreshing_a_catalogue_that_is_up_to_date_changes_nothing(language: str) -> None:
    assert refreshed(language) == catalogue_file(language).read_text()


def test_arabic_has_six_forms() -> None:
    choose = c2py(catalogue("ar").plural_expr)
    assert [choose(count) for count in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)] == [
        0, 1, 2, 3, 3, 4, 4, 5, 5, 3,
    ]  # fmt: skip


def test_no_line_breaks_between_a_french_sign_and_what_it_belongs_to() -> None:
    said = [form for message in catalogue("fr") if message.id for form in forms(message.string)]
    assert not [form for form in said if re.search(r"« | [:;?!»]", form)]
