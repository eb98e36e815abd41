"""CloudWatch -> followers: what tasks write, as long as somebody listens.

A follower reads one attempt of its task after the other, each from its beginning. What lies in the past
it fetches itself, page by page, as fast as it takes them (``past``); once it has caught up it joins all
others of its target in a shared tail, which asks for up to 100 streams with one call (``tail``). What of
an answer is new to a follower, its own ``Cursor`` tells. So nobody has to keep what was read before, a
latecomer costs the others nothing, and memory does not grow with the output.

CloudWatch is the one that remembers. Nothing here is needed for a task to run or to end: whatever goes
wrong ends the log that it concerns, with ``LogsUnavailable``, and nothing else.
"""

from awsecs_async.engine.logs.reader import LogReader
from awsecs_async.engine.logs.reading import LogLine
from awsecs_async.kit.fanout import Dropped

__all__ = ["Dropped", "LogLine", "LogReader"]
