"""Fusion: S3 as a file system inside the container, as Nextflow uses it.

Source: Nextflow's fusion package. A Fusion task needs ``/dev/fuse`` and SYS_ADMIN (or privileges), which
Fargate has not; its command runs under ``/usr/bin/fusion``, and S3 appears below ``/fusion/s3``.
"""

from __future__ import annotations

from dataclasses import dataclass

from awsecs_async.model import bounds

TAGS = "[.command.*|.exitcode|.fusion.*](nextflow.io/metadata=true),[*](nextflow.io/temporary=true)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How Fusion tasks run: ``[aws.ecs.fusion]``.

    Args:
        enabled: Whether tasks that do not say use Fusion.

        privileged: Give the container all privileges, instead of SYS_ADMIN and /dev/fuse.

        license: ARN of the secret or parameter that holds the licence token (FUSION_LICENSE_TOKEN).

        tags: The S3 tags that Fusion puts on what it writes.

        log_level, log_output, cache_size: Fusion's own settings; None leaves them out.

        server_side_encryption, kms_key: Of what it writes to S3.

        s3_endpoint: Another S3 endpoint, passed on as AWS_S3_ENDPOINT.
    """

    enabled: bool = False
    privileged: bool = False
    license: str | None = None
    tags: str = TAGS
    log_level: str | None = None
    log_output: str | None = None
    cache_size: str | None = None
    server_side_encryption: str | None = None
    kms_key: str | None = None
    s3_endpoint: str | None = None

    def __post_init__(self) -> None:
        bounds.hold(self, bounds.FUSION)
