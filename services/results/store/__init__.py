"""The queries of results, by subject; nothing outside this folder says select."""
