"""What stands behind the outlets: six engines that publish the same kind of thing in six ways."""

from presswatch.demo.engines.base import Engine, Reply
from presswatch.demo.engines.estuaire import Estuaire
from presswatch.demo.engines.faro import Faro
from presswatch.demo.engines.harbour import Harbour
from presswatch.demo.engines.kuestenblatt import Kuestenblatt
from presswatch.demo.engines.meridian import Meridian
from presswatch.demo.engines.xinhai import Xinhai

__all__ = ["ENGINES", "Engine", "Reply"]

ENGINES: tuple[Engine, ...] = (Meridian(), Harbour(), Kuestenblatt(), Estuaire(), Xinhai(), Faro())
