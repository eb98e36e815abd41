"""The rules for images that did not come: what the registry refuses, and what it cannot give just now.

The two are kept apart because they are mended by different people: IMAGE by whoever wrote the name of the
image or the role, IMAGE_PULL by the network, or by trying again. Whether to try again, and how often, is the
caller's to say. A limit is looked for before a denial and a denial before a lost connection, because the
texts quote each other.

Sources: AWS, CannotPullContainer task errors in Amazon ECS; the ECS agent's error names.
"""

from __future__ import annotations

from typing import Final

from awsecs_async.model.outcome.rule import Rule, both, kept_from_running, tells
from awsecs_async.model.outcome.values import Cause

NOT_REACHED: Final = (
    r"i/o timeout",
    r"timed out",
    r"\btimeout\b",
    r"connection (issue|refused|reset)",
    r"waiting for connection",
    r"dial tcp",
    r"no such host",
    r"network is unreachable",
    r"request ?canceled",
    r"context (canceled|deadline exceeded)",
    r"task network configuration",
    r"send request failed",
    r"request send failed",
    r"awaiting headers",
    r"tls handshake",
)
_PULLING: Final = tells(r"CannotPull", r"pull(ing)? image", r"pull access denied", r"image pull")
_DENIED: Final = (
    r"not found",
    r"denied",
    r"unauthorized",
    r"forbidden",
    r"no basic auth",
    r"manifest unknown",
    r"not authorized",
    r"does not exist",
    r"invalid reference",
)
IMAGE_CURE: Final = (
    "The registry does not give the image: check its name and tag in 'container', and that executionRole may "
    "pull it (on ECR: ecr:GetAuthorizationToken, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer)."
)
_ARCHITECTURE_CURE: Final = (
    "The image is built for another processor: set 'architecture' to X86_64 or ARM64, as the image is, or "
    "build the image for both."
)

IMAGE: Final[tuple[Rule, ...]] = (
    kept_from_running(
        Cause.VOLUME,
        tells(r"no space left on device"),
        "The disk of the machine was full, perhaps with images: ask for more with 'disk', or raise the "
        "capacity provider's storageSizeGiB.",
    ),
    kept_from_running(Cause.IMAGE, tells(r"matching platform", r"exec format error"), _ARCHITECTURE_CURE),
    kept_from_running(
        Cause.IMAGE_PULL,
        both(_PULLING, tells(r"toomanyrequests", r"too many requests", r"rate limit", r"rate exceeded")),
        "The registry was asked too often: try again later, log in to it, or keep the image in ECR.",
    ),
    kept_from_running(Cause.IMAGE, both(_PULLING, tells(*_DENIED)), IMAGE_CURE),
    kept_from_running(
        Cause.IMAGE_PULL,
        both(_PULLING, tells(r"httpReaderSeeker", r"\bEOF\b", r"\b50[0-4]\b", *NOT_REACHED)),
        "The registry could not be reached, or broke off: try again; if it stays, the subnets need a way "
        "out (a NAT gateway, assignPublicIp on Fargate, or VPC endpoints for ECR and S3) that "
        "securityGroups allow.",
    ),
    kept_from_running(Cause.IMAGE, _PULLING, IMAGE_CURE),
)
