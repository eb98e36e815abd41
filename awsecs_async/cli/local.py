"""``local``: the cloud alone, in the foreground."""


def local() -> None:
    """A cloud on this machine."""
