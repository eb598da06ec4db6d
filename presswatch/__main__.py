"""`python -m presswatch`."""

from presswatch.cli import main

if __name__ == "__main__":
    main()
