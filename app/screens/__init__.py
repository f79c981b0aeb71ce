"""What a person sees, put together from the desk file, a ticket and the cards; used by whoever answers or sends."""
