"""Diễn tập: a whole election driven through the gateway only, as many officers at once, from a seed."""
