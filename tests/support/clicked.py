"""Which test presses the button of which page: a page that takes a form has a row here.

The fixture `visit` of the tests holds each of them to its rows.
"""

from collections import defaultdict

# Route of routes.PAGES -> file of tests/web, and the test in it.
CLICKED = {
    "signing in": "test_clicks_accounts.py::test_signing_in_leads_to_the_page_that_was_asked_for",
    "sign out": "test_clicks_accounts.py::test_signing_in_leads_to_the_page_that_was_asked_for",
    "set own password": "test_clicks_accounts.py::test_ones_own_password_language_and_browsers",
    "set own language": "test_clicks_accounts.py::test_ones_own_password_language_and_browsers",
    "end own session": "test_clicks_accounts.py::test_ones_own_password_language_and_browsers",
    "add account": "test_clicks_accounts.py::test_an_operator_looks_after_accounts",
    "set role": "test_clicks_accounts.py::test_an_operator_looks_after_accounts",
    "set password": "test_clicks_accounts.py::test_an_operator_looks_after_accounts",
    "end sessions": "test_clicks_accounts.py::test_an_operator_looks_after_accounts",
    "remove account": "test_clicks_accounts.py::test_an_operator_looks_after_accounts",
    "sign in by provider": (
        "test_clicks_provider.py::test_an_account_is_connected_and_signs_in_at_the_provider"
    ),
    "look at site": "test_clicks_sources.py::test_a_proposal_becomes_a_source",
    "confirm source": "test_clicks_sources.py::test_a_proposal_becomes_a_source",
    "look at outlets": "test_clicks_import.py::test_a_list_becomes_sources",
    "confirm import": "test_clicks_import.py::test_a_list_becomes_sources",
    "import again": "test_clicks_import.py::test_a_list_becomes_sources",
    "run source": "test_clicks_sources.py::test_a_source_is_run_paused_and_enabled",
    "look for healing": "test_clicks_sources.py::test_a_source_is_healed_when_an_operator_says_so",
    "heal source": "test_clicks_sources.py::test_a_source_is_healed_when_an_operator_says_so",
    "enable source": "test_clicks_sources.py::test_a_source_is_run_paused_and_enabled",
    "pause source": "test_clicks_sources.py::test_a_source_is_run_paused_and_enabled",
    "retry URLs": "test_clicks_sources.py::test_what_could_not_be_read_is_tried_again",
    "change mails": "test_clicks_operations.py::test_a_mail_is_given_up_and_sent_after_all",
    "change index quarantine": "test_clicks_operations.py::test_quarantines_are_emptied",
    "retry matches": "test_clicks_operations.py::test_quarantines_are_emptied",
    "mark article": "test_clicks_marks.py::test_an_article_gets_tags_a_collection_and_notes",
    "change note": "test_clicks_marks.py::test_an_article_gets_tags_a_collection_and_notes",
    "mark hits": "test_clicks_marks.py::test_hits_are_marked_at_once",
    "make collection": "test_clicks_marks.py::test_a_collection_is_made_described_emptied_and_removed",
    "describe collection": "test_clicks_marks.py::test_a_collection_is_made_described_emptied_and_removed",
    "take out": "test_clicks_marks.py::test_a_collection_is_made_described_emptied_and_removed",
    "remove collection": "test_clicks_marks.py::test_a_collection_is_made_described_emptied_and_removed",
    "change tag": "test_clicks_marks.py::test_a_tag_is_renamed_and_taken_off_everywhere",
    "save search": "test_clicks_saved_searches.py::test_a_search_is_saved_renamed_shared_and_removed",
    "rename search": "test_clicks_saved_searches.py::test_a_search_is_saved_renamed_shared_and_removed",
    "remove search": "test_clicks_saved_searches.py::test_a_search_is_saved_renamed_shared_and_removed",
    "remove article": "test_clicks_removal.py::test_an_article_is_removed_for_good",
    "make watch": "test_clicks_watches.py::test_a_watch_is_tried_and_made",
    "change watch": "test_clicks_watches.py::test_of_two_who_edit_the_second_sees_both",
    "pause watch": "test_clicks_watches.py::test_a_watch_is_paused_muted_switched_and_removed",
    "resume watch": "test_clicks_watches.py::test_a_watch_is_paused_muted_switched_and_removed",
    "mute in watch": "test_clicks_watches.py::test_a_watch_is_paused_muted_switched_and_removed",
    "switch watch": "test_clicks_watches.py::test_a_watch_is_paused_muted_switched_and_removed",
    "remove watch": "test_clicks_watches.py::test_a_watch_is_paused_muted_switched_and_removed",
    "make review": "test_clicks_reviews.py::test_a_press_review_is_made",
    "change issue": "test_clicks_reviews.py::test_an_issue_is_made_finished_taken_back_and_sent",
    "send issue": "test_clicks_reviews.py::test_an_issue_is_made_finished_taken_back_and_sent",
    "choose": "test_clicks_mail_links.py::test_a_recipient_chooses_and_takes_everything_back",
    "choose about": "test_clicks_mail_links.py::test_a_recipient_chooses_and_takes_everything_back",
}

# Routes that may answer a form with a page instead of leading to one, and why: going back to that page asks
# whether to send the form again.
ANSWERED_IN_PLACE = {
    "signing in": "what was typed before is shown, and nothing of it is kept on the server",
    "sign in by provider": "a form may lead to no other site, so the page that it leads to goes on by itself",
    "add account": "the password is shown this once",
    "set password": "the password is shown this once",
    "make watch": "trying it out changes nothing",
    "change watch": "trying it out changes nothing",
}


def promised(file: str, test: str) -> set[str]:
    """The routes that this test posts to."""
    return _rows()[f"{file}::{test}"]


def _rows() -> dict[str, set[str]]:
    rows: dict[str, set[str]] = defaultdict(set)
    for route, test in CLICKED.items():
        rows[test].add(route)
    return rows
