"""The queries of reporting: what was heard, counters, pages, papers, the public snapshot."""
