"""The figures of account security (S), each measured on the real doors: short in `make test`, long in `make security`."""
