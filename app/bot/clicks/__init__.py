"""What people press: buttons of cards, the message extension, and links to tickets."""
