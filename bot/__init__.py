"""The running program: command line, config, composition, the loops and the chats."""
