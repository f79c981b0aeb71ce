"""Cards that stay and are edited in place: those of a ticket, of a ping, of a preventive action."""
