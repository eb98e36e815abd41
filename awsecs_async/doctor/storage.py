"""Where output and long commands are kept: the log group and the work bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.aws.faults import could_not_ask, cure
from awsecs_async.aws.logs import LogsDoor
from awsecs_async.aws.objects import ObjectsDoor
from awsecs_async.engine.survey import asked
from awsecs_async.errors import AwsFault

if TYPE_CHECKING:
    from awsecs_async.aws.ports import Transport
    from awsecs_async.doctor.desk import Desk


async def check_logs(desk: Desk, transport: Transport) -> None:
    """The log group; ECS makes it where the execution role may."""
    name = desk.target.logs_group
    try:
        group = await asked(lambda: LogsDoor(transport).group(name))
    except AwsFault as fault:
        if not could_not_ask(fault):
            raise
        desk.warns("log group", f"{name} could not be looked at: {fault.code}", cure(fault))
        return
    if group is None:
        mend = (
            f"aws logs create-log-group --log-group-name {name}, or allow logs:CreateLogGroup to the "
            "execution role, and the first task makes it"
        )
        desk.warns("log group", f"there is no {name}", mend)
    elif group.retention_days is None:
        mend = f"aws logs put-retention-policy --log-group-name {name} --retention-in-days 30"
        desk.warns("log group", f"{name} keeps its lines, and their cost, for ever", mend)
    else:
        desk.holds("log group", f"{name}, lines kept for {group.retention_days} days")


async def check_bucket(desk: Desk, transport: Transport) -> None:
    """The work bucket, in the region of the tasks."""
    where = desk.target.work_bucket
    if not where:
        desk.holds("work bucket", "none is set: commands and environments beyond RunTask's limit are refused")
        return
    name = where.removeprefix("s3://").partition("/")[0]
    try:
        bucket = await asked(lambda: ObjectsDoor(transport).bucket(name))
    except AwsFault as fault:
        if could_not_ask(fault):
            desk.warns("work bucket", f"{name} could not be looked at: {fault.code}", cure(fault))
        else:
            mend = f"aws s3 mb s3://{name}, or set workBucket to one that is there"
            desk.fails("work bucket", f"there is no bucket {name}: {fault.code}", mend)
        return
    if bucket.region != transport.region:
        found = f"{name} is in {bucket.region}, and the tasks in {transport.region}"
        desk.warns(
            "work bucket", found, f"set workBucket to a bucket in {transport.region}: reads across cost"
        )
    else:
        desk.holds("work bucket", f"{where} in {bucket.region}")
