"""The account in our words, over any transport: whose credentials these are, and its own quotas.

Service Quotas tells what was raised for this account. Where it may not be asked, AWS's defaults
(``model.quotas``) are all that is known; they are not read from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from awsecs_async.aws.ports import Identity
from awsecs_async.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsecs_async.aws.ports import Transport

PAGE_MAX: Final = 100  # AWS: API_ListServiceQuotas, MaxResults


class AccountDoor:
    """``ports.Account`` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<AccountDoor over {self._transport!r}>"

    async def identity(self) -> Identity:
        """STS GetCallerIdentity, which needs no permission."""
        answer = await self._transport.ask("sts", "GetCallerIdentity", {})
        return Identity(account=answer["Account"], arn=answer["Arn"])

    async def quotas(self, service: str) -> Mapping[str, float]:
        """ListServiceQuotas: the account's own values by quota code; empty for an unknown service code."""
        params: dict[str, Any] = {"ServiceCode": service, "MaxResults": PAGE_MAX}
        found: dict[str, float] = {}
        while True:
            try:
                page = await self._transport.ask("service-quotas", "ListServiceQuotas", params)
            except RequestRefused as refusal:
                if refusal.code != "NoSuchResourceException":
                    raise
                return {}
            # A quota that AWS could not look up has an ErrorReason instead of a value.
            found |= {q["QuotaCode"]: float(q["Value"]) for q in page.get("Quotas", ()) if "Value" in q}
            if not (token := page.get("NextToken")):
                return found
            params["NextToken"] = token
