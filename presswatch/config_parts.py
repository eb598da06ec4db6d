"""What every section of a configuration file is made of; `presswatch.config.models` has the sections."""

import os
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from presswatch import known_secrets
from presswatch.config_values import FilePath, Variable
from presswatch.errors import ConfigError


class Part(BaseModel):
    """Part of a file: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, values: Any) -> Any:
        """A key with nothing behind it, such as a section whose keys are all commented out."""
        if not isinstance(values, dict):
            return values
        return {
            key: value for key, value in values.items() if value is not None or key not in cls.model_fields
        }


class Secret(Part):
    """Where a secret is: never in these files."""

    env: Variable = ""
    file: FilePath | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_place(cls, values: Any) -> Any:
        if not isinstance(values, dict | Secret):
            raise PydanticCustomError(
                "no_place", "expected {env: NAME} or {file: PATH}; a secret itself must not stand here"
            )
        return values

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if bool(self.env) == bool(self.file):
            raise ValueError("expected either env: NAME or file: PATH")
        return self

    def reveal(self) -> str:
        """The secret itself. Raises ConfigError if the variable or the file is not there, or is empty."""
        if self.env:
            value = os.environ.get(self.env)
            if not value:
                raise ConfigError(
                    f"the environment variable {self.env}, which should hold a secret, is not set"
                )
            known_secrets.remember(value)
            return value
        assert self.file is not None
        try:
            value = self.file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{self.file}, which should hold a secret: {error.strerror}") from error
        except UnicodeDecodeError:
            raise ConfigError(f"{self.file}, which should hold a secret, is not UTF-8") from None
        if not value:
            raise ConfigError(f"{self.file}, which should hold a secret, is empty")
        known_secrets.remember(value)
        return value


def check_login(username: str, password: Secret | None) -> None:
    """Raises ValueError unless both are given, or neither."""
    if bool(username) != bool(password):
        raise ValueError("expected username and password, or neither")
