"""The keys that the files of a configuration may say."""

from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from presswatch.config_parts import Secret

# What is said in a word or by keys.
_ALSO_KEYS = ("schedule", "deliver", "recipients")


def config_keys(kind: Any, where: str = "") -> dict[str, FieldInfo]:
    """Every key that a file of this kind may say, as `section.key`; a secret is one key."""
    found: dict[str, FieldInfo] = {}
    for name, field in kind.model_fields.items():
        # A group's members have the keys of a watch's recipients.
        inner = [one for one in _models(field.annotation) if one is not Secret and name != "groups"]
        if not inner or type(None) in get_args(field.annotation) or name in _ALSO_KEYS:
            found[where + name] = field
        for one in inner:
            found |= config_keys(one, f"{where}{name}.")
    return found


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]
