"""The commands of the command line, by subject, on the app of `bridge.commands.app`."""
