"""The local cloud is this machine's alone."""

from __future__ import annotations

import pytest

from awsecs_async.local.loopback import NotLoopback, is_loopback
from awsecs_async.local.serving import Serving, serve


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost", "bucket.localhost"])
def test_names_of_this_machine_alone(host: str) -> None:
    """Whatever a client of this machine calls it by."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", ""])
async def test_it_listens_nowhere_else(host: str) -> None:
    """A cloud that runs whatever it is asked to is never put on a network."""
    assert not is_loopback(host)

    async def never() -> None:
        """Not awaited: it does not come so far."""

    until = never()
    with pytest.raises(NotLoopback, match="without authentication"):
        await serve(Serving(host=host), ready=lambda _: None, until=until)
    until.close()
