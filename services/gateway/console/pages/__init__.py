"""One module a page; each has a `router`, found by itself (see the console's docstring)."""
