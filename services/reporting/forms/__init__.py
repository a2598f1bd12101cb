"""The forms of law as templates, and the typesetter that prints them."""
