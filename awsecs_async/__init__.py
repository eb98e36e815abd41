"""An asyncio dispatcher for containers on Amazon ECS.

This module is the public door and stays light: importing it imports nothing else, so that a library user pays
for what they use and the command line answers `--help` at once. Names are resolved when first asked for.
"""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Resolve a public name on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("awsecs-async")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
