"""Answers to something typed, and what the desk says without a ticket's card."""
