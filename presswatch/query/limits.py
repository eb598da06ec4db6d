"""How large a query may be, so that no query can stall an engine. docs/search.md states them."""

MAX_LENGTH = 100_000  # characters
MAX_CLAUSES = 2_000  # words, phrases, values, dates
MAX_STEMS = 50  # words asked for by stem: each stands for its stem in every language
MAX_DEPTH = 20  # parentheses and NOTs inside each other
MAX_PHRASE = 100  # tokens in one phrase
MAX_GAPS = 100  # other words in a NEAR
MIN_PREFIX = 2  # letters before a *
MAX_PREFIX = 1_000  # characters before a *; Elasticsearch takes no more
MAX_CHOICES = 10_000  # ways to choose one of each group, in all NEARs
MAX_AT_LEAST = 1_000  # how often a word may be asked for
