"""The way out: which hosts the bot talks to, with which token, and what their refusals mean."""
