"""News written from templates, as desks and programs write it: the same words, other towns, names, figures.

Two sets: stories are tuned on `DEVELOPMENT` and judged on `JUDGING`, which shares no sentence with it.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.wire import Copy, Desk

# A slot is `{kind}` or `{kind2}`, the same words wherever it stands, or a figure of its own: `{3-18}`,
# `{1.2-9.8}`.
_SLOT = re.compile(r"\{(?:(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)|([a-z]+)\d?)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of news. The first line is its headline."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Set:
    """Templates, and for each language what an outlet group puts into every article."""

    templates: tuple[Template, ...]
    fillers: Mapping[str, str]


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TOWNS = {
    "en": (
        _parts("Brack Ash Hol Wen Stan Thorn Mar Cor Lang Dun Ful Hart Kirk Nor Pem Rush Sel Tarn Whit Yar"),
        _parts("ford bury wick mouth combe stead bridge minster low field by ham"),
    ),
    "de": (
        _parts("Alten Bruch Dorn Eichen Falken Grün Hirsch Kalten Linden Moor Nieder Ober Rauen Stein Wald"),
        _parts("au bach berg burg dorf feld hausen heim hagen kirchen stedt walde"),
    ),
    "es": (
        _parts(
            "Alba Bel Cala Cerro Fuente Huer Lagu Mira Monte Oli Peña Quin Robl Sala Torre Valde Vila Zar"
        ),
        _parts("doval mora nillas redondo seca tuela vieja riz clara ncar gosa mera"),
    ),
}
_FIRST = {
    "en": _parts("Alan Beth Carl Dora Eric Faye Glen Hope Ivan Joan Keith Leah Miles Nina Owen Ruth"),
    "de": _parts("Anke Bernd Carla Dirk Edda Frank Gerda Heiko Ilse Jonas Kerstin Lutz Meike Nils Petra Uwe"),
    "es": _parts(
        "Alba Bruno Clara Diego Elsa Félix Gema Hugo Inés Jorge Lidia Marcos Nuria Óscar Pilar Raúl"
    ),
}
_LAST = {
    "en": (_parts("Had Kel Lam Mor Pet Ros Stan Tal Under Wick"), _parts("ley son worth man croft shaw")),
    "de": (
        _parts("Brand Fried Hart Kess Lohm Mein Pohl Ritt Sand Vogt"),
        _parts("ner mann meier ke ler rich"),
    ),
    "es": (_parts("Arri Bal Ceb Galv Lar Mend Oter Perd Sot Val"), _parts("án iño erra oza ales ero")),
}
_DAYS = {
    "en": _parts("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "de": _parts("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    "es": _parts("lunes martes miércoles jueves viernes sábado domingo"),
}
_STREET = {"en": "{} Road", "de": "{}er Straße", "es": "calle de {}"}
_TEAM = {
    "en": _parts("Rovers Town Athletic Wanderers United"),
    "de": _parts("TSV VfB SpVgg FC SC"),
    "es": _parts("Deportivo Atlético Unión Real Racing"),
}
_COMPANY = {
    "en": _parts("Mills Foods Energy Steel Shipping Paper Motors"),
    "de": _parts("Werke Energie Stahl Pumpen Papier Logistik Chemie"),
    "es": _parts("Aceros Energía Papelera Naviera Conservas Motor Cementos"),
}


class Newswriter:
    """Fills templates; the same articles for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def write(self, template: Template) -> tuple[str, str]:
        """Headline and text of one event."""
        drawn: dict[str, str] = {}

        def fill(slot: re.Match[str]) -> str:
            low, high, kind = slot.groups()
            if kind:
                return drawn.setdefault(slot.group(), self._drawn(kind, template.language))
            if "." not in low:
                return str(self.random.randint(int(low), int(high)))
            figure = f"{self.random.uniform(float(low), float(high)):.1f}"
            return figure if template.language == "en" else figure.replace(".", ",")

        title, body = _SLOT.sub(fill, template.text).split("\n", 1)
        return title, body

    def _drawn(self, kind: str, language: str) -> str:
        draw = self.random.choice
        town = draw(_TOWNS[language][0]) + draw(_TOWNS[language][1])
        name = draw(_LAST[language][0]) + draw(_LAST[language][1])
        match kind:
            case "person":
                return f"{draw(_FIRST[language])} {name}"
            case "street":
                return _STREET[language].format(town)
            case "team":
                parts = (town, draw(_TEAM[language]))
                return " ".join(parts if language == "en" else reversed(parts))
            case "company":
                return f"{name} {draw(_COMPANY[language])}"
            case "day":
                return draw(_DAYS[language])
            case _:
                return town


def newspapers(chosen: Set, seed: int, events: int) -> list[Copy]:
    """Of every template so many events, each by one to three outlets of groups with a filler each.

    The first outlet prints it as it was written; the others cut and reword a little.
    """
    writer, desk = Newswriter(seed), Desk(seed, [])
    copies: list[Copy] = []
    for template in chosen.templates:
        desk.words.setdefault(template.language, []).extend(
            re.findall(r"\b[a-zäöüßáéíóúñ]{3,}\b", template.text)
        )
    for template in chosen.templates:
        for number in range(events):
            title, body = writer.write(template)
            name = f"{template.name}-{seed}-{number}"
            outlets = writer.random.sample(range(12), writer.random.randint(1, 3))
            for place, outlet in enumerate(outlets):
                made = Copy(name, f"paper-{outlet}", template.language, title, body)
                if place:
                    made = desk.edited(made, made.outlet, cut=0.15, share=0.1, footer="")
                copies.append(_filled(made, chosen, outlet % 3))
    return copies


def _filled(copy: Copy, chosen: Set, group: int) -> Copy:
    """What the group puts in: nothing, below the text, or above it."""
    filler = chosen.fillers[copy.language]
    body = (copy.body, f"{copy.body}\n{filler}", f"{filler}\n{copy.body}")[group]
    return Copy(copy.story, copy.outlet, copy.language, copy.title, body)


def round_ups(copies: Sequence[Copy], seed: int, count: int) -> list[Copy]:
    """Articles that hold the whole texts of two others. They belong to either, so `story` is empty."""
    choose = random.Random(seed)
    made: list[Copy] = []
    for number in range(count):
        first = choose.choice(copies)
        others = [one for one in copies if one.language == first.language and one.story != first.story]
        second = choose.choice(others)
        both = f"{first.body}\n{second.body}"
        made.append(Copy("", f"digest-{number}", first.language, f"{first.title}; {second.title}", both))
    return made


def _read(name: str) -> Set:
    path = Path(__file__).with_suffix(".yaml")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))[name]
    templates = (Template(name, **fields) for name, fields in data["templates"].items())
    return Set(tuple(templates), data["fillers"])


DEVELOPMENT, JUDGING = _read("development"), _read("judging")
