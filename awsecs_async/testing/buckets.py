"""S3, as far as a dispatcher uses it: buckets of small objects in memory, in S3's words.

    buckets.add("work")
    buckets.objects["s3://work/key"] = b"data"

A bucket of another region answers as if it were here, since botocore follows S3's redirects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsecs_async.local.wire import Wire, WireError


class Buckets:
    """The buckets of an account. The state is their regions by name, and the objects by URL."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.regions: dict[str, str] = {}
        self.objects: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Buckets {', '.join(self.regions) or 'none'} of {len(self.objects)} objects>"

    def add(self, name: str, region: str | None = None) -> None:
        """An empty bucket, by default of the region that all is in."""
        self.regions[name] = region or self._region

    # --- S3's operations -----------------------------------------------------------------------

    def put_object(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_PutObject."""
        url = self._url(params)
        self.objects[url] = bytes(params.get("Body", b""))
        self.content_types[url] = params.get("ContentType", "binary/octet-stream")
        return {}

    def get_object(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_GetObject."""
        url = self._url(params)
        if url not in self.objects:
            raise WireError("NoSuchKey", "The specified key does not exist.", 404)
        body = self.objects[url]
        return {"Body": body, "ContentLength": len(body), "ContentType": self.content_types.get(url, "")}

    def delete_object(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_DeleteObject."""
        url = self._url(params)
        self.objects.pop(url, None)
        self.content_types.pop(url, None)
        return {}

    def head_object(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_HeadObject, whose errors have no body."""
        try:
            return {"ContentLength": self.get_object(params)["ContentLength"]}
        except WireError as error:
            raise WireError(str(error.status), "Not Found", error.status) from error

    def head_bucket(self, params: Mapping[str, Any]) -> Wire:
        """AWS: API_HeadBucket, whose errors have no body."""
        if params["Bucket"] not in self.regions:
            raise WireError("404", "Not Found", 404)
        return {"BucketRegion": self.regions[params["Bucket"]]}

    def _url(self, params: Mapping[str, Any]) -> str:
        if params["Bucket"] not in self.regions:
            raise WireError("NoSuchBucket", "The specified bucket does not exist", 404)
        return f"s3://{params['Bucket']}/{params['Key']}"
