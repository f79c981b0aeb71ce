"""What the desk says to people: one module per kind of message, which says everything about it (0031)."""
