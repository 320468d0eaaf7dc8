"""A person's own pictures, from a folder or an archive."""
