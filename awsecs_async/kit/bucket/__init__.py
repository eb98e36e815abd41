"""A token bucket that waits in line, slows down when told, and can be drawn from together with others.

`Bucket` is the door and `acquire_all` draws from several at once. Behind it, `ramp` knows how the rate
recovers and `tank` how much there is and will be, both as plain arithmetic; `line` decides who is served
when, and is the only part that touches the event loop.
"""

from awsecs_async.kit.bucket.bucket import Bucket, acquire_all

__all__ = ["Bucket", "acquire_all"]
