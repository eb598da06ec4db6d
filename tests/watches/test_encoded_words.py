"""Subjects arrive as they were written, whatever the language and whichever Python reads them."""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from presswatch.watches.encoded_words import header_line

# ruff: noqa: E501  # below are lists of words
# Words of headlines; subjects are drawn from them.
WORDS = {
    "English": "Ferry aground off Saltmouth harbour all 212 on board safe council says fog radar was old inquiry",
    "German": (
        "Fähre läuft vor der Küste auf Grund Überlebende in Sicherheit Bürgermeister kündigt Prüfung an "
        "Bundesverkehrsministerium größer Straßenbahngesellschaft müßig"
    ),
    "French": "Le transbordeur s’échoue à l’entrée du port été réélu là où Noël élève œuvre çà et là déjà",
    "Spanish": "El transbordador encalló frente al puerto según el capitán año niñez mañana averiguación única ¿qué?",
    "Turkish": "Feribot karaya oturdu yolcuların tümü güvende sığ sular çıkış İstanbul ığdır şüpheli öğrenciler",
    "Russian": "Паром сел на мель у входа в порт все пассажиры спасены расследование продолжается ёлка",
    "Greek": "Το πλοίο προσάραξε έξω από το λιμάνι όλοι οι επιβάτες είναι ασφαλείς έρευνα",
    "Arabic": "جنحت العبارة قبالة الميناء وجميع الركاب بخير والتحقيق مستمر في الحادث",
    "Hebrew": "המעבורת עלתה על שרטון מול הנמל וכל הנוסעים בטוחים",
    "Chinese": "渡轮 在港口附近 搁浅 全部 212 名乘客 安全 调查 正在进行 雷达",
    "Japanese": "フェリー 港の沖で 座礁 乗客 全員 無事 調査 が 続く",
    "Hindi": "नौका बंदरगाह के पास फँस गई सभी यात्री सुरक्षित जाँच जारी है",
    "Thai": "เรือข้ามฟาก เกยตื้น นอกท่าเรือ ผู้โดยสาร ปลอดภัย ทั้งหมด",
    "emoji": "🚢 ferry 👩‍👩‍👧 aground 🇩🇪 fähre 👍🏽 ok",
}  # fmt: skip
DECODE = """
import json, sys
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
found = []
for line in json.load(open(sys.argv[1])):
    message = (line + "\\r\\n").encode()
    new = str(message_from_bytes(message, policy=default)["Subject"])
    old = str(make_header(decode_header(message_from_bytes(message, policy=compat32)["Subject"])))
    found.append([new, old.replace("\\r\\n", "")])
print(json.dumps(found))
"""


def subjects(language: str, count: int) -> Iterator[str]:
    """With up to 180 characters."""
    draw, words = random.Random(language), WORDS[language].split()
    for _ in range(count):
        made = " ".join(draw.choices(words, k=draw.randint(1, 30)))
        yield f"Watch ({draw.randint(2, 90)}): {made}"[:180].strip()


def pythons() -> list[str]:
    """Every Python from 3.11 on that can be found, and the one that runs."""
    names = [f"python3.{minor}" for minor in range(11, 16)]
    found = [path for name in names if (path := shutil.which(name)) and _runs(path)]
    return list(dict.fromkeys([sys.executable, *found]))


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
@pytest.mark.parametrize("language", WORDS)
def test_subjects_are_decoded_as_written(language: str, python: str, tmp_path: Path) -> None:
    written = list(subjects(language, 500))
    lines = tmp_path / "lines.json"
    lines.write_text(json.dumps([header_line("Subject", one) for one in written]))
    done = subprocess.run([python, "-c", DECODE, lines], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    assert [new for new, _old in read] == written
    assert [old for _new, old in read] == written


@given(st.text(min_size=1, max_size=180))
@example("a" * 180)
@example("ä " * 90)
def test_no_line_is_longer_than_a_header_may_be(text: str) -> None:
    text = " ".join(text.encode("utf-8", "ignore").decode().split()) or "x"
    line = header_line("Subject", "".join(one for one in text if one.isprintable()))
    assert line.endswith("\r\n")
    for part in line.removesuffix("\r\n").split("\r\n"):
        assert part.isascii()
        assert len(part) <= 78 or " " not in part.removeprefix("Subject: ").strip()
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", line))
