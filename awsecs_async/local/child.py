"""Start the local cloud as a child process and speak of it: `async with LocalCloud() as cloud`.

The child ends when the pipe to its standard input closes, which happens when this process ends,
however it ends; `close` closes that pipe, waits, and only then becomes rude.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from awsecs_async.model.settings import Settings, Target

_READY_SECONDS = 20.0  # a cold start of Python on a busy machine
_CLOSE_SECONDS = 10.0  # containers are given their time to end


def variables(address: str, region: str) -> dict[str, str]:
    """What leads every AWS client to a local cloud; the keys are not checked, but clients insist on some.

    To our own commands it says, too, that this cloud answers at once: no output comes late.
    """
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ENDPOINT_URL_ECS": address,
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": address,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWSECS_LOG_SETTLE": "0",
        "AWSECS_LOG_INTERVAL": "0.1",
        "AWSECS_POLL_FLOOR": "0.1",
        "AWSECS_POLL_CEILING": "1",
    }


class LocalCloudFailed(RuntimeError):
    """The local cloud did not come up; the message holds what it said."""


class LocalCloud:
    """The local cloud in a child process.

    Args:
        runtime: auto, container, podman, docker, process or scripted.

        region: The Region it says it is.

        arguments: Further arguments of `python -m awsecs_async.local`.
    """

    def __init__(
        self, *, runtime: str = "auto", region: str = "us-east-1", arguments: Sequence[str] = ()
    ) -> None:
        self.region = region
        self._arguments = ("--runtime", runtime, "--region", region, *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._endpoint_url: str | None = None

    @property
    def endpoint_url(self) -> str:
        """Where it listens: "http://127.0.0.1:1234"."""
        if self._endpoint_url is None:
            raise LocalCloudFailed("The local cloud is not running: use `async with LocalCloud() as cloud`.")
        return self._endpoint_url

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._process.pid if self._process is not None else None

    def target(self, name: str = "default") -> Target:
        """A target on this cloud's cluster ``local``, for a dispatcher's settings."""
        return Target(
            name=name,
            cluster="local",
            region=self.region,
            endpoint_url=self.endpoint_url,
            execution_role="arn:aws:iam::000000000000:role/local",
            infrastructure_role="arn:aws:iam::000000000000:role/local",
            logs_group="/awsecs/local",
            credentials=("local", "local"),
            subnets=("subnet-local",),  # Fargate needs some; here any will do
            network_mode="host",
            runs_processes=True,
            check_at_start=False,  # its quotas are the documented ones, and asking would start moto
        )

    def settings(self) -> Settings:
        """Settings for a dispatcher on this cloud, which answers at once: everything is looked at often."""
        return Settings(
            targets=(self.target(),), poll_floor=0.1, poll_ceiling=1.0, log_interval=0.1, log_settle=0.0
        )

    def environment(self) -> dict[str, str]:
        """The variables that lead AWS SDKs and command lines to this cloud."""
        return variables(self.endpoint_url, self.region)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the child and wait until it is ready. Raises LocalCloudFailed."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "awsecs_async.local", "--parent", str(os.getpid()), *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the parent's to handle; it then ends the child in order
        )
        try:
            self._endpoint_url = await self._address(self._process)
        except BaseException:
            await self.close()
            raise

    @staticmethod
    async def _address(process: asyncio.subprocess.Process) -> str:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            async with asyncio.timeout(_READY_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            raise LocalCloudFailed(f"The local cloud was not ready within {_READY_SECONDS:g} s.") from None
        if not line:
            raise LocalCloudFailed("The local cloud ended before it was ready; its error is above.")
        return str(json.loads(line)["endpoint_url"])

    async def ended(self) -> None:
        """Return when the child has ended, whoever ended it."""
        if self._process is not None:
            await self._process.wait()

    async def close(self) -> None:
        """End the child and everything it runs."""
        process, self._process, self._endpoint_url = self._process, None, None
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def __repr__(self) -> str:
        where = self._endpoint_url or "not running"
        return f"<LocalCloud {where} pid={self.pid}>"
