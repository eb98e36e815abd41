"""A service on loopback that records what reaches it, and answers as a test says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Recorder:
    """A service that records what reaches it and answers from a function."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.requests: list[tuple[str, bytes, str]] = []  # target, body, access key
        self.paths: list[str] = []
        self.answer: Answer = answer or self._empty
        self.in_flight = self.most_in_flight = 0

    async def _empty(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record and answer."""
        signature = request.headers.get("Authorization", "")
        key = signature.partition("Credential=")[2].partition("/")[0]
        self.requests.append((request.headers.get("X-Amz-Target", ""), await request.read(), key))
        self.paths.append(request.path)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self.answer(request)
        finally:
            self.in_flight -= 1

    @property
    def keys(self) -> list[str]:
        """The access keys that requests were signed with."""
        return [key for _, _, key in self.requests]


@asynccontextmanager
async def recorded(answer: Answer | None = None) -> AsyncIterator[tuple[Recorder, str]]:
    """A recorder and its URL, on loopback. Without an answer it says `{}`."""
    recorder = Recorder(answer)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", recorder.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield recorder, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
