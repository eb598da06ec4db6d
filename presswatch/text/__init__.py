"""Text as it is searched: tokens, folding, language and the passages that show a match."""

from presswatch.text.folding import fold
from presswatch.text.languages import language
from presswatch.text.tokenizer import Token, beginning, exact, is_single, spans, tokens, words

__all__ = ["Token", "beginning", "exact", "fold", "is_single", "language", "spans", "tokens", "words"]
