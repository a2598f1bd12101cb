"""The queries of identity: the map, the people, the way in."""
