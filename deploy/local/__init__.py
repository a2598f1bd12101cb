"""The embedded default: a private broker, database and monitor under var/, one supervisor, one command."""
