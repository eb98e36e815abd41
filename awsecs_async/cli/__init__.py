"""The command line: ``submit`` runs tasks in the foreground, ``local`` is a cloud on this machine.

A command is a file, and what it imports is paid when it runs: ``--help`` answers without the engine.
Two streams are kept apart. Standard output carries what the task prints and nothing else (with
``--json``: events, one JSON document a line). Standard error carries what we have to say. The exit status
is the task's own, or one of those in ``endings``.
"""
