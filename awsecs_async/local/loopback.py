"""Only this machine may reach a cloud that runs whatever it is asked to, and asks nobody who they are.

So it listens on loopback addresses only; and since a web page can make a browser of this machine call
it, requests that come from a page, or by a name that somebody else may have pointed here, are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotLoopback(ValueError):
    """The address can be reached from other machines."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} is not an address of this machine alone: the local cloud runs whatever it is asked to, "
            "without authentication, so it listens on 127.0.0.1, ::1 or localhost only"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can mean itself by this name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@web.middleware
async def from_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a web page has sent, and what came by a name that is not this machine's own."""
    if "Origin" in request.headers or not is_loopback(request.url.host or ""):
        return web.json_response(
            {"message": "the local cloud answers programs of this machine only, by a loopback address"},
            status=403,
        )
    return await handler(request)
