"""What people can do to a ticket: one module per verb, which says everything about it."""
