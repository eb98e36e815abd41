"""What botocore finds by itself where the settings say nothing: region, profile, credentials.

Only named, never read: a credential stays where it is.
"""

from __future__ import annotations

import os
from typing import Final

from awsecs_async.aws.making import configured_region
from awsecs_async.config.sources import Layer, Said
from awsecs_async.errors import SettingsError

# botocore looks at them in this order (its configprovider).
PROFILE_VARIABLES: Final = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
REGION_VARIABLE: Final = "AWS_DEFAULT_REGION"
KEY_VARIABLE: Final = "AWS_ACCESS_KEY_ID"

HIDDEN: Final = "(hidden)"


def found_by_botocore(target: str, layer: Layer) -> tuple[dict[str, Said], list[str]]:
    """What holds for a target of which this was said, and what is missing."""
    found = {"profile": _profile()}
    own_profile = layer.get("profile")
    profile = own_profile or found["profile"]
    found["credentials"] = _credentials(profile_is_named=own_profile is not None)
    problems: list[str] = []
    if "region" not in layer:
        try:
            region = configured_region(str(own_profile.value) if own_profile else None)
        except SettingsError:
            problems.append(
                f"no region is set for the target {target}: give --region NAME, or {REGION_VARIABLE}=NAME in "
                f"the environment, or region under [aws] in awsecs.toml, or in the profile {profile.value}"
            )
        else:
            found["region"] = Said(value=region, source=_of_region(profile))
    if "endpoint_url" not in layer:
        found |= _endpoints()
    return found, problems


def _profile() -> Said:
    for variable in PROFILE_VARIABLES:
        if value := os.environ.get(variable):
            return Said(value=value, source=f"{variable} in the environment")
    return Said(value="default", source="botocore")


def _of_region(profile: Said) -> str:
    if os.environ.get(REGION_VARIABLE):
        return f"{REGION_VARIABLE} in the environment"
    return f"the profile {profile.value} in {os.environ.get('AWS_CONFIG_FILE') or '~/.aws/config'}"


def _credentials(*, profile_is_named: bool) -> Said:
    if os.environ.get(KEY_VARIABLE) and not profile_is_named:
        return Said(value=HIDDEN, source=f"{KEY_VARIABLE} in the environment")
    return Said(value=HIDDEN, source="botocore, when they are needed")


def _endpoints() -> dict[str, Said]:
    """The endpoint of ECS, if a variable of botocore's leads elsewhere."""
    for variable in ("AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL"):
        if value := os.environ.get(variable):
            return {"endpoint_url": Said(value=value, source=f"{variable} in the environment")}
    return {}
