"""HTTP addresses: one module for each kind."""
