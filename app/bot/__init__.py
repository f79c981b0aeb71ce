"""Teams: the only code that knows the Bot Framework."""
