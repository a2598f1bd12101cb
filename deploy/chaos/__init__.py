"""Kill batteries: the whole system under load while its processes die, then every promise counted."""
