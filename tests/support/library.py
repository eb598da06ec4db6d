"""A small multilingual set of documents, for every engine."""

from datetime import UTC, datetime, timedelta

from presswatch.demo.story import Story, stories
from presswatch.model import Document

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make(number: int, title: str, body: str, **fields: object) -> Document:
    """Document `number`, seen that many hours before NOW."""
    seen = NOW - timedelta(hours=number)
    values: dict[str, object] = {
        "id": f"d{number:02}",
        "seq": number + 1,
        "title": title,
        "summary": "",
        "text": body,
        "url": f"https://gazette.example/{number}",
        "domain": "gazette.example",
        "story": f"s{number}",
        "language": "en",
        "section": "",
        "editor": "",
        "origin": "",
        "author": (),
        "source": ("gazette",),
        "tag": (),
        "first_seen": seen,
        "time": seen,
        "revised": seen,
        "published": seen,
        "has": ("text",),
        **fields,
    }
    return Document(**values)  # type: ignore[arg-type]  # whatever a test says of the document


LIBRARY = [
    make(
        0, "Ferry aground near Kolmar harbour", "The ferry Aurora ran aground. Nobody was hurt, police said."
    ),
    make(
        1, "Harbour opens again", "Ships may leave the harbour. The stranded ferry was towed away at night."
    ),
    make(
        2,
        "Fähre läuft vor Köln auf Grund",
        "Die Fähre fuhr auf eine Sandbank. Straße gesperrt.",
        language="de",
    ),
    make(3, "渡轮在港口搁浅", "一艘渡轮周五在港口附近搁浅。没有人员受伤。", language="zh", section="国际"),
    make(4, "フェリーが座礁", "フェリーが港の近くで座礁した。けが人はいない。", language="ja"),
    make(5, "Le ferry échoué", "L’élu a déclaré que le ferry était échoué près du port.", language="fr"),
    make(
        6,
        "Opera house reopens",
        "The opera house reopens with a new hall by the harbour.",
        tag=("Culture", "Big City"),
        marked=("Harbour", "to read"),
        collection=("Annual report 2026",),
        note=("Who pays for the hall?\nAsk the city.", "Ferry traffic: see the grain corridor."),
        has=("text", "tag", "marked", "collection", "note"),
    ),
    make(7, "Паром сел на мель", "Паром сел на мель возле порта. Пострадавших нет.", language="ru"),
    make(
        8,
        "Wi-fi in every U.S. train",
        "The U.S. railways promise wi-fi in every train.",
        author=("Ann Lee", "Bo Chan"),
    ),
    make(
        9,
        "Grain corridor talks",
        "Talks on the grain corridor go on. Wheat prices fall.",
        origin="Reuters",
        marked=("harbour", "Straße", "港口", "🔥 hot", "to*"),
        collection=("annual  report 2026", 'The "grain" file', "=1+1"),
        has=("text", "origin", "marked", "collection"),
    ),
    make(
        10,
        "No date",
        "An article whose page says no date of its own.",
        published=None,
        note=("Die Fähre liegt in Köln.", "渡轮在港口", "<b>bold</b> & \u202eturned"),
        has=("text", "note"),
    ),
    make(
        11,
        "Minister resigns",
        "The minister resigns.",
        summary="A ferry contract cost her the office.",
        source=("courier", "gazette"),
    ),
    make(12, "العبارة تجنح قرب الميناء", "جنحت العبارة قرب الميناء ولم يصب أحد.", language="ar"),
    make(
        13,
        "Old ferry",
        "An old ferry sinks.",
        time=NOW - timedelta(days=40),
        published=NOW - timedelta(days=40),
    ),
    make(14, "นายกรัฐมนตรีเดินทางไปญี่ปุ่น", "นายกรัฐมนตรีประเทศไทยเดินทางไปญี่ปุ่น นํ้าท่วม ๑๙ คน", language="th"),
    make(15, "הממשלה החליטה", "דובר צה״ל הודיע בישראל: שָׁלוֹם, ו־19 נפצעו.", language="he"),
    make(16, "الرئيس المصري إلى المستشفى", "مُحَمَّد صـــلاح وصل ١٢٣ شخصا والرئيس هناك.", language="ar"),
    make(17, "中國與臺灣", "中國國會討論臺灣問題。", language="zh"),
    make(18, "फ़िल्म रिलीज़ हुई", "नई फ़िल्म १९ देशों में रिलीज़ हुई।", language="hi"),
    make(
        19,
        "Cease-fire: Covid-19 and an F-16",
        "Sinéad O’Connor’s start-up paid 1,000 euros to McDonald's. She'll go in 10-12 days.",
    ),
    make(
        20,
        "Wahlrechtsreform-Gesetz in München",
        "Der Bürgermeister von Muenchen zahlt 1.000.000 Euro für die Fähre.",
        language="de",
    ),
    make(
        22,
        "AT&T and H & M: who told us?",
        "The US firm writes C++, C# and .NET for the WHO; vitamin C and a €5bn net deal at T.",
    ),
    make(21, "အစိုးရ ကြေညာ", "ຄົນລາວ និងកម្ពុជា។ မြန်မာနိုင်ငံ", language="my"),
    make(
        23,
        "Mr. Brandt on climate",
        "Climate policy was debated. The U.S. Senate met on Jan. 5. Global warming laws, said Dr. Brandt, "
        "need money.\nNo law on warming passed. Climate, climate and again climate: that was the policy.\n\n"
        "Apple pie is no Apple phone. An apple a day.",
    ),
    make(
        24,
        "Der Wald",
        "Prof. Dr. Müller kam am 3. Mai z. B. nach Köln. Der Wald brennt nicht. Im Wald, so Müller, sei es "
        "trocken.\nKöln bleibt Köln.",
        language="de",
    ),
    make(25, "A long read", " ".join(["firstword", *(f"w{number}" for number in range(120)), "lastword"])),
    make(
        26,
        "Who is WHO?",
        "WHO said who. Mà is not ma; ma mà. An iPhone, an IPHONE, a Résumé and a resume. C++ and C; the C. "
        "@who tweets #WHO. R&D is not R. McDonald’s and McDonald's. F-16 and F16. The Ferry Aurora.",
    ),
]


def _printed(number: int, outlet: str, story: Story) -> Document:
    parts = {"author": story.authors, "editor": story.editor, "origin": story.origin, "tag": story.tags}
    said = [name for name, value in parts.items() if value]
    return make(
        number,
        story.title,
        "\n".join(story.paragraphs),
        url=f"https://{outlet}.example/{story.slug}",
        domain=f"{outlet}.example",
        language=LANGUAGES[outlet],
        section=story.section,
        editor=story.editor,
        origin=story.origin,
        author=story.authors,
        source=(outlet,),
        tag=story.tags,
        has=(*said, "published", "section", "text"),
        time=story.published,
        first_seen=story.published,
        revised=story.published,
        published=story.published,
    )


LANGUAGES = {
    "estuaire": "fr",
    "faro": "es",
    "harbour": "en",
    "kuestenblatt": "de",
    "meridian": "en",
    "xinhai": "zh",
}
# The sample press as it stood at noon, after the library.
PRESS = [
    _printed(100 + 20 * place + number, outlet, story)
    for place, outlet in enumerate(LANGUAGES)
    for number, story in enumerate(stories(outlet, NOW, timedelta(seconds=3)))
]
