"""From bytes to text as browsers do it: pages, feeds, sitemaps and robots files alike (WHATWG Encoding)."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, lookup, register_error
from html import unescape

import cchardet
import webencodings

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_BOMS = (
    (BOM_UTF8, "utf-8"),
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
# How much tells UTF-16 without a mark: every other byte of markup is zero.
_TOLD_BY = 256
# Charsets made of ASCII bytes: their text is valid UTF-8 and yet another. What begins a character in each.
_SEVEN_BIT = {
    "iso-2022-jp": ("iso2022_jp_ext", b"\x1b"),
    "csiso2022jp": ("iso2022_jp_ext", b"\x1b"),
    "iso-2022-jp-1": ("iso2022_jp_ext", b"\x1b"),
    "iso-2022-jp-2": ("iso2022_jp_2", b"\x1b"),
    "iso-2022-jp-3": ("iso2022_jp_2004", b"\x1b"),
    "iso-2022-jp-2004": ("iso2022_jp_2004", b"\x1b"),
    "iso-2022-kr": ("iso2022_kr", b"\x0e"),
    "csiso2022kr": ("iso2022_kr", b"\x0e"),
    "hz-gb-2312": ("hz", b"~{"),
    "hz": ("hz", b"~{"),
    "utf-7": ("utf-7", b"+"),
    "unicode-1-1-utf-7": ("utf-7", b"+"),
}
# Where Python's codec of a name knows less than browsers do.
_WIDER = {"gbk": "gb18030", "iso2022_jp": "iso2022_jp_ext"}
# Python's other codecs by their names, as against `rot13`, `idna` and the like.
_OF_TEXT = re.compile(r"(?:cp|mac|koi8|kz|ptcp|euc|shift|johab|iso)")
# Guesses that stand for charsets of the Web: those of old systems are not met there, and the letters of a
# language stand in the same places in both.
_OF_THE_WEB = {
    "iso-8859-16": "cp1250",
    "iso-8859-9": "cp1254",
    "iso-8859-1": "cp1252",
    "iso-8859-15": "cp1252",
    "tis-620": "cp874",
    "uhc": "cp949",
    "euc-tw": "big5hkscs",
    "viscii": "cp1258",
    "koi8-r": "koi8-u",
}
# Alike but for the place of some letters and of the quotation marks: only the first has any below 0xA0.
_SIBLINGS = {"iso8859-2": "cp1250", "iso8859-13": "cp1257"}
_BELOW = re.compile(rb"[\x80-\x9f]")
_OLD_SYSTEMS = re.compile(r"mac|ibm(?!866)|cp8|utf|ascii|iso-8859-10|johab", re.I)
_CENTRAL, _CYRILLIC, _BALTIC = (
    ("cp1250", "iso8859-2"),
    ("cp1251", "koi8-u", "iso8859-5", "cp866"),
    ("cp1257", "iso8859-13"),
)
_OF_THE_WEST = "af ca da de es eu fi fo fr ga gl is it lb nb nl nn no pt sv"
# The charsets in which pages of a language were written, the likeliest first. English is left out: it is what
# systems say of pages in any language.
_OF_LANGUAGE = {
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq", "bs"), _CENTRAL),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "tg", "tt", "uk"), _CYRILLIC),
    **dict.fromkeys(("lt", "lv", "et"), (*_BALTIC, "iso8859-4", "cp1252")),
    **dict.fromkeys(_OF_THE_WEST.split(), ("cp1252",)),
    "sr": (*_CYRILLIC, *_CENTRAL),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("cp1254",),
    "az": ("cp1254", "cp1251"),
    "he": ("cp1255", "iso8859-8"),
    "iw": ("cp1255", "iso8859-8"),
    "ar": ("cp1256", "iso8859-6"),
    "fa": ("cp1256",),
    "ur": ("cp1256",),
    "vi": ("cp1258",),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "zh": ("gb18030", "big5hkscs"),
}
# Bytes in which a judgement looks for text, from the first that is not ASCII on, and of text that it reads.
_LOOKED_AT, _JUDGED = 1024 * 1024, 64 * 1024
_OPENING = re.compile(
    rb"<(?:(!--)|(script|style|title|textarea|noscript)\b|meta\b([^>]*)>|(\?xml)\b([^>]*)>)", re.I
)
_CLOSING = {
    name: re.compile(rb"</" + name + rb"\b", re.I)
    for name in (b"script", b"style", b"title", b"textarea", b"noscript")
}
_ATTRIBUTE = re.compile(rb"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)
_LANGUAGE = re.compile(
    rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?\s*([a-z]{2})\b|<language>\s*([a-z]{2})\b|"
    rb"\bxml:lang\s*=\s*[\"']\s*([a-z]{2})\b|"
    rb"<meta\b[^>]{0,100}?content-language[^>]{0,100}?\bcontent\s*=\s*[\"']?\s*([a-z]{2})\b",
    re.I,
)
_TAGS = re.compile(rb"<[^<>]{0,2000}>")
# The first bytes of a character without its last, as `surrogateescape` shows them. In a charset of one byte a
# character it would be a letter alone, or a letter and a sign, in place of every accent on the page.
_HALF = re.compile(
    r"(?<![\udc80-\udcff])"
    r"(?:[\udce0-\udcf4][\udc80-\udcbf]{1,2}|(?<!\w)[\udcc2-\udcf4](?!\w))"
    r"(?![\udc80-\udcff])"
)
_BYTE = re.compile(r"[\udc80-\udcff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\udc80-\udcff]")


def decode(body: bytes, charset: str = "") -> str:
    """The text of a page, feed or sitemap. `charset`: what HTTP says.

    Believed in order: byte order mark or the zeros of UTF-16, a declared charset of ASCII bytes, valid UTF-8,
    HTTP's charset, the page's own, a judgement by its letters and its language. Never raises; what cannot be
    decoded becomes U+FFFD.
    """
    if (text := decode_wide(body, charset)) is not None:
        return text
    if body.isascii():
        return _seven_bit(body, charset) or body.decode("ascii")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy(body, [charset, declared_charset(body)], error.start)


def decode_wide(body: bytes, charset: str = "") -> str | None:
    """The text of bytes with a byte order mark, or of UTF-16 without one; None of any others.

    UTF-16 by HTTP's word needs fewer zeros, as in text that is Chinese from the start.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    head = body[:_TOLD_BY]
    even, odd, half = head[::2].count(0), head[1::2].count(0), len(head) // 2
    share = 0.1 if charset.strip().lower().startswith("utf-16") else 0.6
    if half and max(even, odd) >= share * half and min(even, odd) <= 0.1 * max(even, odd):
        return body.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    return None


def declared_charset(body: bytes) -> str:
    """The charset that a page's `<meta>`, wherever it stands, or its XML declaration names; empty if none.

    What looks like one in a comment or a script is none.
    """
    place = 0
    while found := _OPENING.search(body, place):
        comment, element, meta, xml, declaration = found.groups()
        place = found.end()
        if comment or element:
            closing = None if comment else _CLOSING[element.lower()].search(body, place)
            place = body.find(b"-->", place - 2) if comment else closing.end() if closing else -1
            if place < 0:
                return ""
        elif name := _named(declaration if xml else meta):
            return name
    return ""


def _named(attributes: bytes) -> str:
    said = {
        name.lower().decode(): unescape((double or single or plain).decode("latin-1"))
        for name, double, single, plain in _ATTRIBUTE.findall(attributes)
    }
    if name := said.get("charset") or said.get("encoding"):
        return name
    found = _CHARSET.search(said.get("content", "")) if "http-equiv" in said else None
    return found[1] if found else ""


def _seven_bit(body: bytes, charset: str) -> str:
    """The text of a body of ASCII bytes that declares a charset made of these; empty if it does not."""
    for name in (charset, declared_charset(body)):
        codec, opening = _SEVEN_BIT.get(name.strip().lower(), ("", b""))
        if codec and opening in body:
            return body.decode(codec, "as browsers")
    return ""


def _codec(label: str) -> str:
    """Python's codec for a label of the Web, or the one that Python itself knows by that name."""
    known = webencodings.lookup(label)
    if known is None:
        try:
            name = lookup(label.strip()).name
        except (LookupError, ValueError):
            return ""
        return name if _OF_TEXT.match(name) else ""
    # UTF-16 that is no UTF-16: the bytes in which it says so would not be read as they are.
    if known.name.startswith("utf-16"):
        return "utf-8"
    if known.name in ("replacement", "x-user-defined"):
        return ""
    codec: str = known.codec_info.name
    return _WIDER.get(codec, codec)


def _legacy(body: bytes, labels: list[str], first: int) -> str:
    """A declared charset is believed unless it damages much more than the others that are likely.

    `first`: where the bytes stop to be UTF-8.
    """
    declared = [codec for label in labels if (codec := _codec(label))]
    best, least = "", float("inf")
    for name in (*declared, "utf-8", ""):
        # Judged last, as it takes the longest.
        codec = name or _judged(body, first)
        text = body.decode(codec, "as browsers")
        damage = text.count("\ufffd")
        is_believed = name in declared and damage <= len(text) // 2_000
        if is_believed or not damage or (name == "utf-8" and _is_proven(body, declared)):
            return text
        if damage < least:
            best, least = text, damage
    return best


def _is_proven(body: bytes, declared: list[str]) -> bool:
    """Whether it is UTF-8 though not all of it is valid: some of it is more than ASCII and yet valid, which
    in another charset does not happen by chance, or all that is invalid are first halves of characters.

    Systems that cut texts by bytes leave half a character at the end of a paragraph, in every one of them.
    Where nothing declares it, ten times as much must be valid as is not.
    """
    text = body.decode("utf-8", "surrogateescape")
    if "utf-8" not in declared:
        wrong = len(_BYTE.findall(text))
        return not declared and len(_BEYOND_ASCII.findall(text)) > 10 * wrong
    return bool(_BEYOND_ASCII.search(text)) or not _BYTE.search(_HALF.sub("", text))


def _judged(body: bytes, first: int) -> str:
    """The charset that the letters speak for, of those in which the page's language is written if it says."""
    text = _TAGS.sub(b" ", body[max(0, first - 200) : first + _LOOKED_AT])
    sample = text[:_JUDGED]
    guess = (cchardet.detect(sample)["encoding"] or "").lower()
    codec = _OF_THE_WEB.get(guess) or ("" if _OLD_SYSTEMS.search(guess) else _codec(guess))
    codec = _sibling(codec, text)
    said = _LANGUAGE.search(body[:_JUDGED])
    likely = _OF_LANGUAGE.get((said[said.lastindex or 0].decode() if said else "").lower(), ())
    if codec in likely or not likely:
        return codec or "cp1252"
    fits = [name for name in likely if "\ufffd" not in sample.decode(name, "as browsers")]
    return _sibling(fits[0], text) if fits else codec or likely[0]


def _sibling(codec: str, text: bytes) -> str:
    if _BELOW.search(text):
        return _SIBLINGS.get(codec, codec)
    return "iso8859-13" if codec == "cp1257" else codec


def _as_browsers(error: UnicodeError) -> tuple[str, int]:
    """What browsers know and Python's codecs for Japanese and Chinese do not: NEC's characters, the euro."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    name, start = error.encoding, error.start
    pair = error.object[start : start + 2]
    other = b""
    if len(pair) == 2 and name in ("euc_jp", "iso2022_jp_ext", "iso2022_jp", "iso2022_jp_2"):
        row, cell = pair[0] & 0x7F, pair[1] & 0x7F
        # JIS X 0208 as Shift_JIS lays it out, two rows to a first byte.
        if 0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E and (name != "euc_jp" or min(pair) > 0x80):
            lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
            trail = cell + (0x7E if row % 2 == 0 else 0x20 if cell >= 0x60 else 0x1F)
            other, name = bytes((lead, trail)), "cp932"
    elif len(pair) == 2 and name == "big5hkscs":
        other, name = pair, "cp950"
    try:
        return (other.decode(name) if other else "\ufffd"), start + (2 if other else error.end - start)
    except UnicodeDecodeError:
        return "\ufffd", error.end


register_error("as browsers", _as_browsers)
