"""What the languages of the press call the months, as beginnings that tell them apart."""

_NAMES = (
    # English German French Spanish Italian Portuguese Dutch, then Nordic, Slavic, Turkish, Greek, Arabic and
    # others
    "january janeiro januar janvier enero ene gennaio gen jan jänner ocak oca январ янв січ stycz sty led "
    "leden ιαν "
    "janu sausio يناير جانفي januari جنوری ژانویه tammi ianuarie जनवरी januára มกราคม",
    "february fevereiro februar février fevrier febrero febbraio feb fev fév fevr şubat şub феврал фев лют "
    "luty lut "
    "únor φεβ vasario فبراير شباط فيفري helmi februarie फरवरी กุมภาพันธ์",
    "march maret março marco märz maerz mars marzo marz mar mrt maart mrz mart марта март мар берез "
    "marzec marca "
    "břez μαρ "
    "kovo مارس آذار maalis martie मार्च มีนาคม",
    "april abril avril aprile apr abr avr nisan nis апрел апр квіт kwie kwi dub απρ balandžio أبريل ابريل "
    "نيسان "
    "huhti aprilie अप्रैल เมษายน",
    "may maio mai mayo maggio mag mei maj mayıs мая май трав maja květ μαΐ μαι gegužės مايو أيار ماي touko "
    "मई พฤษภาคม",
    "june junho juni juin junio giugno giu jun haziran haz июня июн черв czerwca czer cze červn ιουν "
    "birželio يونيو "
    "حزيران جوان kesä iunie जून มิถุนายน",
    "july julho juli juillet julio luglio lug jul juil temmuz tem июля июл лип lipca lip lipiec červenec "
    "ιουλ liepos "
    "يوليو تموز جويلية heinä iulie जुलाई กรกฎาคม",
    "august agustus agosto août aout ago aug ağustos ağu август авг серп sierp sie srp αυγ "
    "rugpjūčio أغسطس اغسطس آب "
    "أوت elo "
    "अगस्त สิงหาคม",
    "september setembro septembre septiembre settembre sep sept set eylül eyl сентябр сен верес wrze wrz "
    "zář σεπ "
    "rugsėjo سبتمبر أيلول syys septembrie सितंबर กันยายน",
    "october outubro oktober octobre octubre ottobre oct okt ott out ekim eki октябр окт жовт paźd paź říj "
    "οκτ spalio "
    "أكتوبر اكتوبر loka octombrie अक्टूबर ตุลาคม",
    "november novembro novembre noviembre nov kasım kas ноябр ноя листоп listopada lis listopad νοε "
    "lapkričio نوفمبر "
    "marras noiembrie नवंबर พฤศจิกายน",
    "december desember dezembro dezember décembre decembre diciembre dicembre dec dez déc dic des "
    "aralık ara декабр "
    "дек груд "
    "grud gru prosin δεκ gruodžio ديسمبر joulu decembrie दिसंबर ธันวาคม",
)
_BY_NAME = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_LONGEST_FIRST = sorted((name for name in _BY_NAME if len(name) >= 4), key=len, reverse=True)


def month(word: str) -> int:
    """The month that a word names, 1 to 12; 0 if none."""
    word = word.lower().strip(".")
    if word in _BY_NAME:
        return _BY_NAME[word]
    return next(
        (_BY_NAME[name] for name in _LONGEST_FIRST if word.startswith(name) and len(word) <= len(name) + 5), 0
    )


# Farvardin to Esfand, of the Persian calendar.
JALALI = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
