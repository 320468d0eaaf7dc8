"""One picture from a person, made fit for a network."""
