"""The way in: who calls is checked, what they send is read field by field, and one turn answers it."""
