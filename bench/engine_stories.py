"""The articles that every engine is given: two languages, several authors, sections, tags, odd minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SITE, TAGLINE = "Lindwater Post", "Notes from a town between two rivers"
PEOPLE = {"mara-quill": "Mara Quill", "otto-brandt": "Otto Brandt", "ines-ferro": "Inés Ferro"}
ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Story:
    """An article. `authors` are ids of `PEOPLE`, `published` is in the site's zone."""

    slug: str
    language: str
    title: str
    authors: tuple[str, ...]
    published: datetime
    section: str
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(PEOPLE[author] for author in self.authors)


def stories(now: datetime) -> tuple[Story, ...]:
    """The articles, the newest some hours old; `now` is aware."""
    hour = now.astimezone(ZoneInfo(ZONE)).replace(minute=0, second=0, microsecond=0)

    def ago(hours: int, minute: int) -> datetime:
        return hour - timedelta(hours=hours, minutes=-minute)

    return (
        Story(
            "mill-weir-repair", "en", "Old mill weir closes for eight weeks of repairs",
            ('mara-quill',), ago(7, 7), "Local", ('rivers', 'bridges'),
            (
                "The weir below the old mill is closed to walkers from Monday, the works office says. "
                "Masons are to replace forty metres of the stone crest that the floods of last winter "
                "had loosened.",
                "Anglers keep their stretch on the left bank, but the footpath ends at the smithy until "
                "the scaffolding is down. A ferry carries schoolchildren across, twice in the morning and "
                "twice at noon.",
                "The works cost 310,000 crowns, of which the county pays half. Should the water rise "
                "above two metres, the masons will leave the crest and come back when it has fallen "
                "again.",
            ),
        ),
        Story(
            "orchard-cooperative", "en", "Three villages share one cider press",
            ('otto-brandt', 'ines-ferro'), ago(31, 15), "Business", ('farming', 'cider'),
            (
                "Growers of Lindwater, Upper Marl and Stock have founded a cooperative that presses their "
                "apples in one place. Each had run a press of its own, and each of them stood idle for "
                "ten months a year.",
                "The new press takes nine tonnes a day. Whoever brings fruit pays by weight and may take "
                "the juice home or leave it for the cider of the cooperative, which is to be sold from "
                "March.",
                "Forty-two families have joined so far. The chair, a beekeeper from Stock, says that the "
                "first season was never meant to earn anything, and that it nearly paid for itself all "
                "the same.",
            ),
        ),
        Story(
            "night-train-timetable", "en", "Night train to the coast returns in spring",
            ('ines-ferro',), ago(52, 23), "Travel", ('railways',),
            (
                "After eleven years a night train will again leave Lindwater for the coast. It departs at "
                "twenty past ten on Fridays and Sundays, and its passengers see the sea before seven in "
                "the morning.",
                "Two sleeping cars come from a line in the south that was given up. They were painted "
                "over the winter, and a dining car follows as soon as its kitchen has passed the "
                "inspection.",
                "Tickets are on sale at the station and cost as much as a day train. The railway wants to "
                "look at the figures in autumn before it says whether the train will run in the next "
                "winter too.",
            ),
        ),
        Story(
            "stadtbad-winteroeffnung", "de", "Stadtbad bleibt im Winter an vier Abenden offen",
            ('otto-brandt',), ago(76, 31), "Local", ('baths', 'winter'),
            (
                "Das Stadtbad öffnet auch in diesem Winter an vier Abenden der Woche. Der Rat hat die "
                "Mittel dafür am Dienstag mit einer Stimme Mehrheit bewilligt, nachdem zwei Anträge "
                "vertagt worden waren.",
                "Geheizt wird mit der Abwärme der Molkerei nebenan. Die Leitung dorthin ist seit dem "
                "Sommer fertig, doch fehlte bis vor Kurzem eine Pumpe, die aus zweiter Hand beschafft "
                "werden konnte.",
                "Wer eine Jahreskarte hat, zahlt abends nichts zusätzlich. Für Vereine sind zwei Bahnen "
                "reserviert, und am Freitag gehört das kleine Becken bis acht Uhr den Kindern.",
            ),
        ),
        Story(
            "glockenguss-marktkirche", "de", "Die Marktkirche bekommt ihre dritte Glocke zurück",
            ('mara-quill', 'otto-brandt'), ago(101, 39), "Culture", ('music', 'churches'),
            (
                "Fast achtzig Jahre lang hing im Turm der Marktkirche ein leerer Balken. Nun ist die "
                "dritte Glocke gegossen, und am Sonntag wird sie auf einem Wagen durch die Stadt "
                "gefahren.",
                "Sie wiegt siebenhundert Kilogramm und klingt einen Ton tiefer als ihre Vorgängerin. Das "
                "hat der Organist so gewollt, weil sich die beiden alten Glocken mit ihr besser "
                "vertragen.",
                "Bezahlt haben sie vor allem die Leute, die am Markt wohnen. Ihre Namen stehen auf einem "
                "Blatt, das im Inneren des Turmes hängt und das nur sieht, wer die Stufen hinaufsteigt.",
            ),
        ),
        Story(
            "fahrradwerkstatt-bahnhof", "de", "Am Bahnhof entsteht eine Werkstatt für Fahrräder",
            ('ines-ferro', 'mara-quill'), ago(128, 47), "Business", ('railways', 'cycling'),
            (
                "In der alten Gepäckhalle wird ab Mai an Rädern geschraubt. Zwei Mechanikerinnen haben "
                "den Raum für zehn Jahre gemietet und bauen ihn in den nächsten Wochen selbst um.",
                "Morgens abgeben, abends abholen: So sollen vor allem Pendler ihre Räder in Ordnung "
                "halten. Wer selbst reparieren will, bekommt an zwei Tagen Werkzeug und eine Bühne.",
                "Die Bahn verlangt für die Halle nur eine geringe Miete. Sie hofft, dass dann weniger "
                "Räder an den Geländern des Bahnsteigs stehen, über die sich Reisende beschwert haben.",
            ),
        ),
    )  # fmt: skip
