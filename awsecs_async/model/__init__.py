"""What a task is: values and rules. No loop, no clock, no network.

Everything here is a frozen value, a table, or a pure function of them, so that it can be read,
tested and reasoned about without the rest of the house.
"""
