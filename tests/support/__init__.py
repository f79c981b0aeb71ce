"""The outside world on loopback: a small Teams, a small Entra, and people who write to the bot."""
