"""The door: the only floor that imports aiobotocore.

``ports`` says in our words what is needed of AWS. ``ecs`` and ``logs``, and for the services beside them
``network``, ``roles``, ``account`` and ``objects``, put those words into AWS's and back, over any
``Transport``; ``session`` is the transport that reaches AWS (or whatever endpoint botocore is pointed at),
and ``faults`` is the one table that tells what an error means.
"""
