"""No character of a page acts on a terminal or leaves its line; all scripts stay as they are."""

import io
import json
import logging
import sys

import pytest
import structlog

from presswatch.errors import UsageError
from presswatch.logs import set_up_logs
from presswatch.visible import typed_text, visible, visible_json

HOSTILE = "a\x1b]0;owned\x07b\x9b2J\u202ec\u2066\r\x00\u2028d"
# Persian and Hindi with joiners, Hebrew with a directional mark, an emoji of four, an accent, Chinese.
SCRIPTS = "می\u200cخواهم क्\u200dष שלום\u200f! 👩\u200d👩\u200d👧 e\u0301 新闻\tnext\nline"


def test_what_acts_is_replaced_and_every_script_stays() -> None:
    assert visible(HOSTILE) == "a\ufffd]0;owned\ufffdb\ufffd2J\ufffdc\ufffd\ufffd\ufffd\ufffdd"
    assert visible(SCRIPTS) == SCRIPTS


def test_what_is_typed_is_kept_without_what_acts_and_the_same_when_it_is_typed_again() -> None:
    kept = typed_text(f" {HOSTILE}\r\ncafe\u0301\rend\r\n\r\n")
    assert kept == "a]0;ownedb2Jc\nd\ncafé\nend"
    assert typed_text(kept.replace("\n", "\r\n")) == kept
    assert typed_text(SCRIPTS) == SCRIPTS.replace("e\u0301", "é")


def test_json_means_the_same() -> None:
    written = visible_json(json.dumps({"title": HOSTILE + SCRIPTS}, ensure_ascii=False, indent=1))
    assert json.loads(written) == {"title": HOSTILE + SCRIPTS}
    assert not any(character in written for character in HOSTILE if not character.isprintable())
    assert "新闻" in written


@pytest.mark.parametrize("terminal", [True, False])
def test_a_log_line_is_one_line_and_acts_on_nothing(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    written.isatty = lambda: terminal  # type: ignore[method-assign]  # what is asked of a terminal
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    try:
        set_up_logs()
        forged = f"{HOSTILE}\nlevel=error forged"
        structlog.get_logger().warning("said", title=forged, many=[forged])
        logging.getLogger("library").warning("said %s", HOSTILE)
        try:
            int(HOSTILE)
        except ValueError:
            structlog.get_logger().exception("broke")
    finally:
        structlog.reset_defaults()
    lines = written.getvalue()
    assert "Traceback" in lines
    assert not any(line.startswith("level=error forged") for line in lines.splitlines())
    assert not any(character in lines for character in "\x07\x9b\u202e\u2066\r\x00\u2028")
    assert "\x1b]" not in lines


def test_in_json_each_line_is_an_object_a_traceback_and_a_library_included(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setenv("PRESSWATCH_LOG", "json")
    try:
        set_up_logs()
        log = structlog.get_logger()
        log.warning(
            "said", title=f"{HOSTILE}\n{SCRIPTS}", mails=3, part=float("nan"), none=None, long="x" * 99_000
        )
        with structlog.contextvars.bound_contextvars(source="gazette", run=7):
            try:
                int(HOSTILE)
            except ValueError:
                log.exception("broke")
                logging.getLogger("library").exception("broke %s", "too\nmuch")
    finally:
        structlog.reset_defaults()
    said, broke, library = (json.loads(line) for line in written.getvalue().rstrip("\n").split("\n"))
    assert said["title"].startswith("a\ufffd]0;owned")
    assert "新闻" in said["title"]
    assert (said["mails"], said["part"], said["none"]) == (3, "nan", None)
    # systemd's journal breaks what is longer.
    assert len(written.getvalue().encode()) < 48 << 10
    assert broke["exception"].startswith("Traceback")
    assert (broke["source"], broke["run"]) == ("gazette", 7)
    assert list(library)[:3] == ["timestamp", "level", "event"]
    assert library["event"] == "broke too much"
    assert library["logger"] == "library"
    assert "ValueError" in library["exception"]
    assert not any(character in written.getvalue() for character in "\x1b\x07\x9b\u202e\u2066\r\x00\u2028")


def test_another_form_of_the_log_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSWATCH_LOG", "xml")
    with pytest.raises(UsageError, match="PRESSWATCH_LOG: found 'xml': expected json, or text"):
        set_up_logs()
