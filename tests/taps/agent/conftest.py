"""Real servers of each kind with the agent inside, and a producer that is connected to one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.observed import KINDS, Client, Observed, observing


@pytest.fixture(scope="module", params=list(KINDS))
def observed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    with observing(tmp_path_factory.mktemp("observed"), *KINDS[request.param]) as server:
        yield server


@pytest.fixture(scope="module")
def client(observed: Observed) -> Iterator[Client]:
    """One that is connected, as a producer."""
    client = Client(observed, "cli:main")
    assert client("connect", {"role": "producer", "token": "hush"}, ["/"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def sid(observed: Observed, client: Client) -> str:
    return str(observed.records.one("connect", role="producer")["sid"])
