"""The ledger on disk: what was promised survives the process.

``port`` is what the ledger says to a journal and hears from it; ``memory`` forgets with the process,
``sqlite`` does not. One contract suite holds for all of them.
"""
