"""The subcommands, one module each, with `main(arguments) -> int`."""
