"""The desk on one machine, with sample tickets, in Microsoft's Playground or in the terminal."""
