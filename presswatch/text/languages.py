"""Which language a text is in."""

from functools import cache
from typing import Any

# Longer texts are no better known, only slower.
_SAMPLE = 1_000
_SURE = 0.5
# Of letters in UTF-8: twenty of Latin, seven of Chinese.
_FEWEST_BYTES = 20


def language(text: str) -> str:
    """The two-letter code (ISO 639-1) of the text's language, empty when it is too short or mixed to tell."""
    sample = text[:_SAMPLE]
    letters = "".join(filter(str.isalpha, sample)).encode("utf-8", "surrogatepass")
    if len(letters) < _FEWEST_BYTES:
        return ""
    code, confidence = _identifier().classify(sample)
    return code if confidence >= _SURE else ""


@cache
def _identifier() -> Any:
    # Imported here because the model takes a third of a second that most commands never need.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
