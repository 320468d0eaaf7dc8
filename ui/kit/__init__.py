"""What every page and component uses."""
