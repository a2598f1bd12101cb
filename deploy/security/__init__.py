"""The figures of account security (S), measured on the real doors: short in `make test`, long in `make security`."""
