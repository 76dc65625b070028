"""The `inkseek` command: one file a subcommand; it parses, calls and prints."""
