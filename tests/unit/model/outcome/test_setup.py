"""The table of endings for tasks that never ran, by the words that ECS is known to use."""

from __future__ import annotations

import pytest

from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Round, settle
from awsecs_async.model.sighting import Sighting
from tests.unit.model.outcome.sightings import EXITED, SPOT, never_started, other, stopped

PULL = "CannotPullContainerError: "
INIT = "ResourceInitializationError: "
START = "CannotStartContainerError: "
BUY = INIT + "Unable to launch instance(s) for capacity provider mi. "
FETCH = INIT + "unable to pull secrets or registry auth: execution resource retrieval failed: "
ENI = "Unexpected EC2 error while attempting to Create Network Interface "
NEVER = START + "dependency graph: container dependency never will be satisfied"
OCI = "failed to create task for container: OCI runtime create failed: runc create failed: "

ROWS = [
    # An image that the registry refuses.
    (PULL + "pull image manifest has been retried 5 time(s): failed to resolve ref registry.example/nope:1: "
     "registry.example/nope:1: not found", Cause.IMAGE, "container"),
    (PULL + "Error response from daemon: pull access denied for nope, repository does not exist or may "
     "require 'docker login'", Cause.IMAGE, "executionRole"),
    (PULL + "ref pull has been retried 1 time(s): unexpected status code 403 Forbidden", Cause.IMAGE, "ecr:"),
    (PULL + "something that AWS words anew", Cause.IMAGE, "container"),
    ("CannotPullECRContainerError: AccessDeniedException: not authorized to perform: ecr:BatchGetImage",
     Cause.IMAGE, "ecr:BatchGetImage"),
    (FETCH + "unable to retrieve ecr registry auth: AccessDeniedException: User: arn:aws:sts::1:x is not "
     "authorized to perform: ecr:GetAuthorizationToken", Cause.IMAGE, "ecr:GetAuthorizationToken"),
    (PULL + "image Manifest does not contain descriptor matching platform 'linux/arm64'",
     Cause.IMAGE, "architecture"),
    (START + OCI + "exec /app: exec format error", Cause.IMAGE, "architecture"),
    # One that it cannot give just now.
    (PULL + "pull image manifest retried 5 time(s): context canceled", Cause.IMAGE_PULL, "try again"),
    (PULL + 'Get "https://registry.example/v2/": net/http: request canceled while waiting for connection '
     "(Client.Timeout exceeded while awaiting headers)", Cause.IMAGE_PULL, "NAT"),
    (PULL + "toomanyrequests: You have reached your pull rate limit. You may increase the limit by "
     "authenticating and upgrading", Cause.IMAGE_PULL, "ECR"),
    (PULL + "httpReaderSeeker: failed open: failed to do request", Cause.IMAGE_PULL, "try again"),
    (PULL + "dial tcp 10.0.0.1:443: i/o timeout", Cause.IMAGE_PULL, "VPC endpoints"),
    (PULL + "The task cannot pull x from Amazon ECR. There is a connection issue between the task and Amazon "
     "ECR. Check your task network configuration.", Cause.IMAGE_PULL, "securityGroups"),
    # Volumes and disks.
    (PULL + "write /var/lib/docker/tmp/GetImageBlob1: no space left on device", Cause.VOLUME, "disk"),
    (INIT + "failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed "
     "out", Cause.VOLUME, "2049"),
    ("CannotCreateVolumeError: create volume: x", Cause.VOLUME, "volumes"),
    ("Timeout waiting for EphemeralStorage provisioning to complete.", Cause.VOLUME, "disk"),
    ("Amazon EBS volume attachment timed out", Cause.VOLUME, "infrastructureRole"),
    # The network.
    (FETCH + 'unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: '
     'send request failed caused by: Post "https://api.ecr": dial tcp 1.2.3.4:443: i/o timeout. Please check '
     "your task network configuration.", Cause.NETWORK, "VPC endpoints"),
    (FETCH + "unable to retrieve secret from asm: RequestCanceled", Cause.NETWORK, "Secrets Manager"),
    (INIT + "failed to download env files: file download command: connection refused", Cause.NETWORK, "S3"),
    (ENI + "with public IP assignment enabled in subnet 'subnet-0': InsufficientFreeAddressesInSubnet",
     Cause.NETWORK, "no free address"),
    (ENI, Cause.NETWORK, "subnets"),
    ("Timeout waiting for network interface provisioning to complete.", Cause.NETWORK, "subnets"),
    ("Unable to attach network interface to unused device index", Cause.NETWORK, "network interfaces"),
    (START + "Bind for 0.0.0.0:80 failed: port is already allocated", Cause.NETWORK, "host"),
    # Secrets, files, logs, roles.
    (FETCH + "unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the "
     "specified secret.", Cause.SECRET, "secrets"),
    (FETCH + "invalid ssm parameters: /db/password", Cause.SECRET, "ssm:GetParameters"),
    (FETCH + "AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue",
     Cause.SECRET, "executionRole"),
    (INIT + "failed to download env files: AccessDenied", Cause.SETUP, "s3:GetObject"),
    (INIT + "failed to validate logger args: create stream has been retried 1 times: failed to create "
     "Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
     Cause.LOGGING, "logsGroup"),
    (START + "failed to initialize logging driver: failed to create Cloudwatch log stream: "
     "ThrottlingException: Rate exceeded", Cause.LOGGING, "logsGroup"),
    ("ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.",
     Cause.ROLE, "trust"),
    (BUY + "UnauthorizedOperation: You are not authorized to perform this operation: iam:PassRole",
     Cause.ROLE, "infrastructure role"),
    # Where it may run.
    ("TaskFailedToStart: MemberOf placement constraint unsatisfied.", Cause.PLACEMENT, "machineType"),
    ("TaskFailedToStart: ATTRIBUTE", Cause.PLACEMENT, "accelerator"),
    ("The selected task definition is not compatible with the selected compute strategy.",
     Cause.PLACEMENT, "architecture"),
    # The command, and the container software.
    (START + OCI + 'unable to start container process: exec: "nope": executable file not found in $PATH',
     Cause.COMMAND, "command"),
    ("CannotCreateContainerError: no command specified", Cause.COMMAND, "command"),
    (START + "unable to find user nobody2: no matching entries in passwd file", Cause.COMMAND, "user"),
    (START + "something new", Cause.RUNTIME, "try again"),
    ("ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m",
     Cause.RUNTIME, "try again"),
    ("InternalError: failed to normalize image reference", Cause.RUNTIME, "try again"),
    # What is left over.
    (INIT + "something new", Cause.SETUP, "reason"),
    ("The moon was full", Cause.UNKNOWN, "read it"),
    ("", Cause.UNKNOWN, "if it gave one"),
]  # fmt: skip

CAPACITY = [
    BUY + "InsufficientInstanceCapacity: We currently do not have sufficient capacity",
    BUY + "UnfulfillableCapacity: Unable to fulfill capacity",
    BUY + "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit",
    BUY + "MaxSpotInstanceCountExceeded: Max spot instance count exceeded",
    BUY + "SomethingThatEC2SaysAnew: x",
    "TaskFailedToStart: RESOURCE:CPU",
    "TaskFailedToStart: RESOURCE:ENI",
    "TaskFailedToStart: AGENT",
    "TaskFailedToStart: NO ACTIVE INSTANCES",
    "TaskFailedToStart: EMPTY CAPACITY PROVIDER",
    "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    "You've reached the limit on the number of vCPUs you can run concurrently",
]


@pytest.mark.parametrize(("words", "cause", "cure"), ROWS)
@pytest.mark.parametrize("place", ["reason", "said"])
def test_what_kept_it_from_running(words: str, cause: Cause, cure: str, place: str) -> None:
    """ECS's words find their cause wherever ECS puts them; the hint names what mends it; no round."""
    found = settle(never_started(**{place: words}), result_from="main")
    assert (found.outcome.cause, found.outcome.state, found.round) == (cause, State.FAILED, None)
    assert (found.outcome.exit_code, found.outcome.started) == (None, False)
    assert cure in found.outcome.hint
    assert words in found.outcome.reason


@pytest.mark.parametrize("words", CAPACITY)
def test_want_of_a_machine_goes_round(words: str) -> None:
    """What could not be bought or placed may be had later or elsewhere: it never ran, so it is safe."""
    found = settle(never_started(said=words), result_from="main")
    assert (found.outcome.cause, found.outcome.state) == (Cause.CAPACITY, State.FAILED)
    assert found.round is Round.CAPACITY


def test_a_quota_that_is_used_up_is_called_so() -> None:
    """Whoever waits for a quota is told to raise it, not to look for other machines."""
    assert "Service Quotas" in settle(never_started(said=CAPACITY[2]), result_from="main").outcome.hint


@pytest.mark.parametrize(
    "sighting",
    [
        never_started(said="RESOURCE:CPU", exit_code=1),
        never_started(said="RESOURCE:CPU", stop_code=None, started_at=1.0, exit_code=1),
    ],
)
def test_what_started_never_goes_round_for_capacity(sighting: Sighting) -> None:
    """Words about capacity in the reason of a task that ran do not run it a second time."""
    assert settle(sighting, result_from="main").round is None


def test_another_container_may_keep_it_from_running() -> None:
    """An image missing for a sidecar of the user's fails the task, though its own container was killed."""
    sighting = never_started(exit_code=137, others=(other(reason=PULL + "not found"),))
    found = settle(sighting, result_from="main").outcome
    assert (found.cause, found.state, found.exit_code, found.started) == (
        Cause.IMAGE, State.FAILED, 137, True,
    )  # fmt: skip


def test_a_dependency_that_fails_takes_its_trouble_with_it() -> None:
    """Where the container it waits for had no image, that is the cause; if it failed, its code is told."""
    no_image = never_started(NEVER, exit_code=143, others=(other(reason=PULL + "not found"),))
    assert settle(no_image, result_from="main").outcome.cause is Cause.IMAGE
    failed = stopped(reason=NEVER, exit_code=143, stop_code=EXITED, others=(other(3, name="stage-in"),))
    found = settle(failed, result_from="main").outcome
    assert (found.cause, found.exit_code) == (Cause.DEPENDENCY, None)
    assert "stage-in: exit code 3" in found.reason


def test_spot_that_took_it_while_a_dependency_ran_is_spot() -> None:
    """An interruption during staging leaves the command unstarted; it goes round like any other."""
    found = settle(stopped(reason=NEVER, exit_code=143, stop_code=SPOT), result_from="main")
    assert (found.round, found.outcome.exit_code) == (Round.SPOT, None)


def test_an_exit_code_is_an_exit_even_before_the_task_was_up() -> None:
    """A command that failed while its sidecars were still starting tells its own exit code."""
    found = settle(never_started(said="Task failed to start", exit_code=3), result_from="main").outcome
    assert (found.cause, found.state, found.exit_code) == (Cause.EXIT, State.FAILED, 3)
