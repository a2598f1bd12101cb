"""The kit's promises: delivered once in effect, in order, refused politely, never dead."""
