"""What the suite relies on."""

import os

import pytest


@pytest.mark.xdist_group("together")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="only a run in parallel has groups")
def test_tests_of_a_group_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """Without groups, each test on a server of its own starts one, all at once: 850 MB each."""
    assert request.node.nodeid.endswith("@together")
