"""The section `search.elasticsearch` of presswatch.yaml."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from presswatch.config_parts import Part, Secret, check_login
from presswatch.config_values import FilePath, Id, WebAddress


class ElasticsearchConfig(Part):
    urls: tuple[WebAddress, ...] = ()
    cloud_id: str = ""
    index: Id = "presswatch"
    api_key: Secret | None = None
    username: str = ""
    password: Secret | None = None
    ca_file: FilePath | None = None
    fingerprint: str = ""
    shards: Annotated[int, Field(ge=1, le=1024)] = 1
    replicas: Annotated[int, Field(ge=0)] | None = None
    codec: Literal["default", "best_compression"] = "default"
    lifecycle: str = ""

    @model_validator(mode="after")
    def _whole_login(self) -> "ElasticsearchConfig":
        check_login(self.username, self.password)
        return self

    @model_validator(mode="after")
    def _one_place(self) -> "ElasticsearchConfig":
        if bool(self.urls) == bool(self.cloud_id):
            raise ValueError("give urls, one or more nodes, or cloud_id: where Elasticsearch is")
        return self
