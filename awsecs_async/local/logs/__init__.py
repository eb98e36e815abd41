"""CloudWatch Logs as a pure machine: groups, streams and events; `now` is always an argument."""
