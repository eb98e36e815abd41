"""What is said where moto is missing, and to whom a request is addressed."""

from __future__ import annotations

import importlib.util

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from awsecs_async.local.moto import Moto, service_of


def signed(service: str) -> dict[str, str]:
    """The headers of a request signed for this service."""
    scope = f"AKIA/20261121/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


@pytest.mark.parametrize(
    ("service", "content_type"),
    [("s3", "text/xml"), ("ec2", "text/xml"), ("sts", "text/xml"), ("sqs", "application/x-amz-json-1.1")],
)
async def test_without_moto_the_answer_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, service: str, content_type: str
) -> None:
    """Each service's clients can read the error, and it names the command that mends it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    moto = Moto("000000000000", "us-east-1", lambda _sink: None)
    answer = await moto.handle(make_mocked_request("POST", "/", headers=signed(service)))
    assert isinstance(answer, web.Response)
    assert (answer.status, answer.content_type) == (501, content_type)
    assert "pip install awsecs-async[local]" in (answer.text or "")
    await moto.close()


def test_the_signature_names_the_service() -> None:
    """What is not signed is S3's: a public or presigned URL."""
    assert service_of(make_mocked_request("GET", "/", headers=signed("sqs"))) == "sqs"
    assert service_of(make_mocked_request("GET", "/bucket/key")) == "s3"
