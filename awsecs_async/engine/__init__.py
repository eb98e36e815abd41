"""The coroutines and the one ledger they share.

Each coroutine does one thing for ever: the launcher turns queued tasks into launches, the poller asks
ECS about those that run, the stopper stops those that shall end, the log reader follows those that
somebody listens to, and adoption finds after a restart what was launched before. They never call each
other: they meet only in the ledger, which decides without awaiting and writes to the journal what must
survive the process.
"""
