"""Image names, and why an image cannot be had: pure text work.

ECS resolves short names as Docker does, so Podman is given the full name. A failed pull is told in
ECS's words, by what the registry's client said, and names the way out that a newcomer has.
"""

from __future__ import annotations

import re

HINT = "To run the command as a plain process of this machine instead, use --runtime process"

# What Podman's, Docker's and the registries' messages have in common, most telling first.
MISSING = re.compile(
    r"manifest unknown|name unknown|repository .*not exist|not found|no such image|404", re.IGNORECASE
)
DENIED = re.compile(r"denied|unauthorized|authentication required|no basic auth|403", re.IGNORECASE)
LIMITED = re.compile(r"toomanyrequests|rate limit|429", re.IGNORECASE)
FULL = re.compile(r"no space left", re.IGNORECASE)
UNREACHABLE = re.compile(
    r"no such host|dial tcp|i/o timeout|connection refused|unreachable|TLS handshake|temporary failure|"
    r"request canceled|no answer within|server misbehaving",
    re.IGNORECASE,
)


def qualified(image: str) -> str:
    """The full name of an image, as Docker reads a short one: busybox -> docker.io/library/busybox:latest."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    tagged = "@" in image or ":" in image.rsplit("/", 1)[-1]
    return image if tagged else f"{image}:latest"


def pull_refusal(image: str, complaint: str) -> str:
    """What ECS would say after CannotPullContainerError, and what the user can do."""
    name = qualified(image)
    if LIMITED.search(complaint):
        why = f"failed to resolve ref {name}: toomanyrequests: you have reached your pull rate limit"
    elif FULL.search(complaint):
        why = f"failed to extract {name}: no space left on device"
    elif UNREACHABLE.search(complaint):
        why = f"failed to resolve ref {name}: i/o timeout: the registry cannot be reached from this machine"
    elif DENIED.search(complaint):
        why = f"pull access denied for {name}, repository does not exist or may require authorization"
    elif MISSING.search(complaint):
        why = f"failed to resolve ref {name}: not found"
    else:
        why = f"failed to pull {name}"
    return f"{why}. {HINT}. ({complaint[:300]})"
