"""The HTTP door: awsJson1.1 in front of the cloud.

One endpoint serves every service, as AWS SDKs allow: X-Amz-Target names an operation of ECS, Logs
or Service Quotas, and what is none of them goes to the neighbour (moto), told by the signature's scope. Under
`/_local/` the cloud speaks of itself: GET shows its state, POST /_local/faults breaks it.
Signatures are not checked.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from awsecs_async.local.cloud import Cloud
from awsecs_async.local.ecs.upkeep import HOST_LOST
from awsecs_async.local.faults import Faults
from awsecs_async.local.loopback import from_this_machine
from awsecs_async.local.wire import AnswerDropped, Wire, WireError

TARGETS: Final = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "Logs_20140328": "logs",
    "ServiceQuotasV20190624": "service-quotas",
}
_CONTENT_TYPE: Final = "application/x-amz-json-1.1"
_BODY_LIMIT_BYTES: Final = 64 * 1024 * 1024  # PutObject passes here on its way to the neighbour

Neighbour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Turns HTTP requests into the cloud's calls."""

    def __init__(self, cloud: Cloud, neighbour: Neighbour | None = None) -> None:
        self._cloud = cloud
        self._neighbour = neighbour or _nobody

    def application(self) -> web.Application:
        """The routes; more may be added before it is served."""
        application = web.Application(client_max_size=_BODY_LIMIT_BYTES, middlewares=[from_this_machine])
        application.router.add_get("/_local/", self._state)
        application.router.add_get("/_local/faults", self._show_faults)
        application.router.add_post("/_local/faults", self._set_faults)
        application.router.add_get("/_local/notices", self._notices)
        application.router.add_post("/_local/interrupt", self._interrupt)
        application.router.add_post("/_local/lose-host", self._lose_host)
        return application

    def route_the_rest(self, application: web.Application) -> None:
        """Everything else is AWS; last, since it matches every path."""
        application.router.add_route("*", "/{path:.*}", self._aws)

    async def _aws(self, request: web.Request) -> web.StreamResponse:
        prefix, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        service = TARGETS.get(prefix)
        if service is None:
            return await self._neighbour(request)
        try:
            params = _read(await request.read())
            answer = await self._cloud.call(service, operation, params)
        except WireError as refusal:
            return _refused(refusal)
        except AnswerDropped:
            return _cut(request)
        return _json(answer)

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(self._cloud.state())

    async def _show_faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._cloud.faults.faults.to_json())

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            faults = Faults.from_json(await request.json())
        except (TypeError, ValueError) as problem:
            return web.json_response({"message": str(problem)}, status=400)
        self._cloud.set_faults(faults)
        return web.json_response(faults.to_json())

    async def _notices(self, request: web.Request) -> web.Response:
        task = request.query.get("task")
        shown = [notice for notice in self._cloud.notices if task is None or notice.get("task") == task]
        return web.json_response({"notices": shown})

    async def _interrupt(self, request: web.Request) -> web.Response:
        """POST {"task": ARN}, or {"share": 0.5, "providers": ["*spot*"]}: take Spot capacity back, now."""
        asked = await _asked(request)
        if "task" in asked:
            found = self._cloud.interrupt(str(asked["task"]))
            return web.json_response({"tasks": [asked["task"]]}) if found else _no_such(asked["task"])
        try:
            hit = self._cloud.interrupt_spot(
                float(asked.get("share", 1)),
                tuple(asked.get("providers", ())),
                stop_code=str(asked.get("stopCode", HOST_LOST)),
            )
        except (TypeError, ValueError) as problem:
            return web.json_response({"message": str(problem)}, status=400)
        return web.json_response({"tasks": hit})

    async def _lose_host(self, request: web.Request) -> web.Response:
        """POST {"host": an instance's id or ARN, or the ARN of a task on it}: the machine fails, now."""
        host = str((await _asked(request)).get("host", ""))
        try:
            return web.json_response({"tasks": self._cloud.lose_host(host)})
        except KeyError:
            return _no_such(host)


async def _asked(request: web.Request) -> Wire:
    asked = await request.json()
    return asked if isinstance(asked, dict) else {}


def _no_such(what: object) -> web.Response:
    return web.json_response({"message": f"no such task or host: {what}"}, status=404)


async def _nobody(_request: web.Request) -> web.StreamResponse:
    return _refused(WireError("UnsupportedFeatureException", "Only ECS and CloudWatch Logs are served here."))


def _read(body: bytes) -> Wire:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise WireError("SerializationException", "The body is not a JSON object.")
    return params


def _json(answer: Wire, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    body = json.dumps(answer, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, content_type=_CONTENT_TYPE, headers=headers)


def _refused(refusal: WireError) -> web.Response:
    return _json(refusal.body(), refusal.status, {"x-amzn-errortype": refusal.code})


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # is written to nobody
