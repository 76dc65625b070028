"""`python -m inkseek` is the `inkseek` command."""

from inkseek.cli.main import main

if __name__ == "__main__":
    main()
