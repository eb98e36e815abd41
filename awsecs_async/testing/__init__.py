"""What tests of this package, and of applications that use it, are made of.

Shipped and documented because fakes are products: an application that embeds the dispatcher tests its own
code with them. Nothing in production imports this package.

`run(main())` runs a coroutine on virtual time; `VirtualTimeLoop` is the loop factory for `asyncio.Runner`
and for pytest-asyncio's `pytest_asyncio_loop_factories` hook. `testing.rehearsal` has a whole dispatcher
in front of a cloud in this process; it is not imported here, so that those who only need the loop do not
pay for it.
"""

from awsecs_async.testing.loop import VirtualTimeLoop, run
from awsecs_async.testing.stall import Stalled

__all__ = ["Stalled", "VirtualTimeLoop", "run"]
