"""The tree of what awsecs_async raises, split by what the caller should do.

    AwsecsError
    ├── InvalidTask           mend the task: a field is wrong, the message says which and how
    ├── SettingsError         mend the settings: the message names the setting
    ├── Refused               the task is well formed, but nothing here may run it as asked
    ├── KeyConflict           the same key was used before, for another spec
    ├── TaskFailed            raised by ``Result.check()`` for an ending that is not SUCCEEDED
    ├── DispatcherClosed      the dispatcher is closed or never was opened
    ├── JournalError          what was promised cannot be kept on disk
    │   ├── JournalLocked     another dispatcher holds this journal
    │   └── JournalTooNew     the journal was written by a newer version
    ├── LogsUnavailable       the output cannot be read now; the task itself is not affected
    └── AwsFault              what AWS answered, in the five ways that matter to a dispatcher
        ├── Throttled         too fast: slow down, then the same request again
        ├── CapacityShort     nothing to run it on now: wait, or try the next provider
        ├── RequestRefused    this request alone is at fault: it will never be accepted
        │   ├── DefinitionGone     its task definition is inactive or deleted: register it again
        │   └── LogStreamsMissing  a log group or stream of it does not exist (yet)
        ├── TargetBlocked     the account or target is at fault: nothing fails, launching halts
        ├── Unanswered        no answer, or a server error: the same request again
        └── TokenConflict     the token is bound to other parameters; carries the ARNs it made

No other exception leaves the public doors on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class AwsecsError(Exception):
    """Everything this package raises on purpose."""


class InvalidTask(AwsecsError, ValueError):
    """A field of a task is not acceptable.

    Args:
        field: The field as the user writes it, say ``memory``.

        problem: What is wrong with it, and what would be right.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class SettingsError(AwsecsError, ValueError):
    """A setting is missing or not acceptable; the message names it and says how to set it.

    Args:
        problem: What is wrong, and what would be right.

        setting: The name of the field at fault, say ``task_role``; empty where no single one is.
    """

    def __init__(self, problem: str, *, setting: str = "") -> None:
        super().__init__(f"{setting}: {problem}" if setting else problem)
        self.setting = setting
        self.problem = problem


class Refused(AwsecsError):
    """Nothing in the settings in force may run this task as asked; the message names what to change."""


class KeyConflict(AwsecsError):
    """The key belongs to a task with another spec; use another key, or submit the same spec."""


class TaskFailed(AwsecsError):
    """A task ended otherwise than SUCCEEDED; the message says how and why."""


class DispatcherClosed(AwsecsError):
    """The dispatcher is not open: use it inside its ``async with`` block."""


class JournalError(AwsecsError):
    """The journal cannot be read or written, so nothing new can be promised."""


class JournalLocked(JournalError):
    """Another process holds this journal; two dispatchers never share one."""


class JournalTooNew(JournalError):
    """The journal was written by a newer version of awsecs_async; upgrade to use it."""


class LogsUnavailable(AwsecsError):
    """CloudWatch Logs does not give the output; the message says why and what to do."""


class AwsFault(AwsecsError):
    """AWS did not do what it was asked.

    Args:
        code: AWS's error code, say ``ThrottlingException``; for a lost connection the name of the failure.

        message: AWS's own words, whole.

        operation: The API operation, say ``RunTask``.
    """

    def __init__(self, code: str, message: str, *, operation: str = "") -> None:
        super().__init__(f"{operation}: {code}: {message}" if operation else f"{code}: {message}")
        self.code = code
        self.message = message
        self.operation = operation


class Throttled(AwsFault):
    """AWS said "too fast", openly or in disguise."""


class CapacityShort(AwsFault):
    """There is nothing to run the task on at the moment."""


class RequestRefused(AwsFault):
    """This request will never be accepted as it is."""


class DefinitionGone(RequestRefused):
    """The task definition was deregistered or never existed: forget its ARN and register it again."""


class LogStreamsMissing(RequestRefused):
    """The log group, or one of the streams asked for, does not exist, or not yet."""


class TargetBlocked(AwsFault):
    """The account, the credentials, the cluster or the network is at fault, not the request."""


class Unanswered(AwsFault):
    """The answer was lost or a server error: the effect may or may not have happened."""


class TokenConflict(AwsFault):
    """The client token was used with other parameters; ``arns`` are the tasks that it launched."""

    def __init__(self, code: str, message: str, *, operation: str = "", arns: Sequence[str] = ()) -> None:
        super().__init__(code, message, operation=operation)
        self.arns = tuple(arns)
