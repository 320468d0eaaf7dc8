"""The models that a visitor may choose, what of them is for whose eyes, and what is cached."""
