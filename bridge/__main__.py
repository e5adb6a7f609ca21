"""`python -m bridge` is `porism`."""

from bridge.cli import main

if __name__ == "__main__":  # processes of a report import this module under another name
    main()
