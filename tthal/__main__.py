"""``python -m tthal``."""

from tthal.cli import main

if __name__ == "__main__":
    main()
