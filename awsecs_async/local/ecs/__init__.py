"""ECS as a pure machine: its rules, limits, errors and lifecycle; `now` is always an argument."""
