"""YAML as the files of a configuration are read: by libyaml where PyYAML has it, six times as fast.

What it refuses is read again by PyYAML alone, whose words of what is wrong are explained to people; so is
what it reads otherwise, which is text with tabs. PyYAML's own class on libyaml (`CSafeLoader`) nests by calls
of C, and ends the process where a text opens too many brackets: it reads what cannot be nested deeply. Else
Python nests, and raises RecursionError.
"""

from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

_QuickLoader: type[Any] = yaml.SafeLoader
_FlatLoader: type[Any] = yaml.SafeLoader
# Each level of nesting takes one of these, and so many levels hold anywhere.
_NESTING, _FLAT = "[{-?:", 200

if yaml.__with_libyaml__:
    from yaml._yaml import CParser

    class _LibyamlLoader(Composer, CParser, SafeConstructor, Resolver):
        """A text's nodes and values; marks have no text."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    _QuickLoader, _FlatLoader = _LibyamlLoader, yaml.CSafeLoader


def loaded(text: str) -> tuple[Any, yaml.Node | None]:
    """The root of a text, None for an empty one, and what makes values of it. Raises yaml.YAMLError as
    SafeLoader does, RecursionError."""
    if "\t" not in text:
        is_flat = sum(map(text.count, _NESTING)) < _FLAT
        try:
            quick = (_FlatLoader if is_flat else _QuickLoader)(text)
            return quick, quick.get_single_node()
        except yaml.YAMLError:
            pass
    loader = yaml.SafeLoader(text)
    return loader, loader.get_single_node()
