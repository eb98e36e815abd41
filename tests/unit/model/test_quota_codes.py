"""The account's own quotas in the words of the settings."""

from __future__ import annotations

from awsecs_async.model.quota_codes import in_force
from awsecs_async.model.settings import Quotas


def test_the_accounts_own_quotas_are_taken() -> None:
    """A raised quota is used without being written down; what is written down goes first."""
    told = {"L-3B4FAC68": 500.0, "L-C3AEE9D2": 200.0, "L-281CBA4C": 300.0, "L-80627E8A": 100.0}
    assert in_force(Quotas(read=(1, 2)), told) == Quotas(read=(1, 2), run_task=(200, 500))


def test_half_a_quota_is_none() -> None:
    """A rate without its burst, or of nothing at all, leaves the documented figures in force."""
    assert in_force(Quotas(), {"L-3B4FAC68": 500.0, "L-281CBA4C": 0.0, "L-80627E8A": 1.0}) == Quotas()
