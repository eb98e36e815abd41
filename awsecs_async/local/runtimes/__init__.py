"""What carries containers out: the port, and one module per way to do it."""
