"""ECS's names: how ARNs are made and read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arns:
    """Makes the ARNs of one account and Region."""

    region: str
    account: str

    def _of(self, resource: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{resource}"

    def cluster(self, name: str) -> str:
        """A cluster's ARN."""
        return self._of(f"cluster/{name}")

    def task(self, cluster: str, task_id: str) -> str:
        """A task's ARN, in the long format that holds its cluster's name."""
        return self._of(f"task/{cluster}/{task_id}")

    def container(self, cluster: str, task_id: str, container_id: str) -> str:
        """A container's ARN."""
        return self._of(f"container/{cluster}/{task_id}/{container_id}")

    def definition(self, family: str, revision: int) -> str:
        """A task definition's ARN."""
        return self._of(f"task-definition/{family}:{revision}")

    def provider(self, name: str) -> str:
        """A capacity provider's ARN."""
        return self._of(f"capacity-provider/{name}")

    def instance(self, cluster: str, instance_id: str) -> str:
        """A container instance's ARN."""
        return self._of(f"container-instance/{cluster}/{instance_id}")


def last_part(reference: str) -> str:
    """The name in a name or ARN: what stands after the last slash."""
    return reference.rpartition("/")[2]
