"""The section `search.elasticsearch` of presswatch.yaml."""

from pydantic import model_validator

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

    @model_validator(mode="after")
    def _whole_login(self) -> "ElasticsearchConfig":
        check_login(self.username, self.password)
        return self

    @model_validator(mode="after")
    def _one_place(self) -> "ElasticsearchConfig":
        if bool(self.urls) == bool(self.cloud_id):
            raise ValueError("give urls, one or more nodes, or cloud_id: where Elasticsearch is")
        return self
