"""The source that the address of a page names."""

from presswatch.config import Source
from presswatch.errors import UsageError
from presswatch.web.asking import Asked


def named_source(asked: Asked) -> Source:
    """Raises UsageError for one that the configuration does not have."""
    found = asked.config.source(asked.request.path_params["source"])
    if found is None:
        raise UsageError(asked.words.gettext("There is no such source."))
    return found
