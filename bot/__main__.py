"""`python -m bot` is `pledgewatch`."""

from bot.cli import main

if __name__ == "__main__":
    main()
