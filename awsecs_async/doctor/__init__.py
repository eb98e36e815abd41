"""Whether a dispatcher will work with the settings in force: asked beforehand, told with what to do.

    checks = await examine(settings)
    all(check.verdict is not Verdict.FAILS for check in checks)

Every question goes to AWS as the dispatcher itself would ask it, with the same credentials; nothing is
changed there. What may not be asked is a warning and no failure: only the answer would tell.
"""

from awsecs_async.doctor.check import Check, Verdict
from awsecs_async.doctor.examination import examine

__all__ = ["Check", "Verdict", "examine"]
