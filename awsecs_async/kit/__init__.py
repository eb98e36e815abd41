"""Tools for asyncio that never heard of ECS, and do not know one another.

Each is one noun in one file. They take time from the running loop and nothing else, and each of their
awaits may be cancelled without anything being lost.
"""
