"""A cloud on this machine: ECS and CloudWatch Logs behind the real wire protocol.

`ecs/` and `logs.py` are a pure machine: every operation is told what time it is, nothing in
them waits, opens a socket or reads a clock. `cloud.py` puts the machine on an event loop and is
the in-process door; `door.py` is the HTTP door; `runtimes/` carry real containers out. What is
not ECS or Logs (S3, SQS, EC2, STS, IAM, ECR, EventBridge) is moto's, started on first use.
"""
