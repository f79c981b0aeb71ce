"""What happened to a ticket, told to its requester, to a person of the desk, or in the ticket's thread."""
