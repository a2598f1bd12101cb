"""Our bus beside its peers, in one run on one machine: `make bench` measures, compares, and says where it misses."""
