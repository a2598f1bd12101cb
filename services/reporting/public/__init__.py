"""The public snapshot: static pages, open data, manifest and signature; nothing of it is computed in a browser."""
