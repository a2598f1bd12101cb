"""The rules of reporting: words of the forms, the election's own clock, what may be published."""
