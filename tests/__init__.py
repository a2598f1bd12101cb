"""The batteries; one folder a room."""
