"""Kills at random moments while the press goes on: the short form of `make soak`."""

import signal

from presswatch.search.embedded import EmbeddedIndex
from support import PATIENCE
from support.deployment import Deployment
from support.soak import left_over, settle, soaking, torment


def test_nothing_is_lost_or_told_twice_whatever_is_killed(deployment: Deployment) -> None:
    with soaking(deployment, 7, lambda: EmbeddedIndex(deployment.data / "index.sqlite"), None) as soak:
        torment(soak, 8, lambda _said: None, outages=False)
        assert settle(soak, lambda _said: None) == []
        deployment.daemon.send_signal(signal.SIGTERM)
        assert deployment.daemon.wait(PATIENCE) == 0
        assert left_over(soak) == []
