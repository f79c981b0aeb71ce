"""What people type: what it means in every language, and what it does."""
