"""Image names are read as Docker reads them, and failed pulls are told as ECS tells them."""

from __future__ import annotations

import pytest

from awsecs_async.local.runtimes.images import HINT, pull_refusal, qualified


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("bitnami/git", "docker.io/bitnami/git:latest"),
        ("quay.io/a/b", "quay.io/a/b:latest"),
        ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("public.ecr.aws/a/b@sha256:00", "public.ecr.aws/a/b@sha256:00"),
    ],
)
def test_qualified(image: str, full: str) -> None:
    """A short name is Docker Hub's, a missing tag is latest, a digest stays."""
    assert qualified(image) == full


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ("reading manifest latest in quay.io/x: manifest unknown", "not found"),
        ("lookup registry.example: no such host", "i/o timeout"),
        ('Get "https://a/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "i/o timeout"),
        ("unauthorized: access to the requested resource is not authorized", "pull access denied"),
        ("requested access to the resource is denied", "pull access denied"),
        ("toomanyrequests: You have reached your pull rate limit", "toomanyrequests"),
        ("write /var/lib: no space left on device", "no space left on device"),
        ("something quite new", "failed to pull"),
    ],
)
def test_pull_refusal(complaint: str, words: str) -> None:
    """What a registry's client says becomes what ECS says; the way out and the original stay readable."""
    reason = pull_refusal("app", complaint)
    assert words in reason.partition(HINT)[0]
    assert "docker.io/library/app:latest" in reason
    assert complaint in reason
