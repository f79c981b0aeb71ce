"""`python -m app` is `ticketbot`."""

from app.cli import main

if __name__ == "__main__":
    main()
