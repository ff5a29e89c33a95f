"""Seeded generator of the text that sprout is trained and measured on."""
