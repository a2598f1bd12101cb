"""Tests of the results service."""
