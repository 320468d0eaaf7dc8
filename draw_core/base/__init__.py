"""What everything rests on: seeds, files, environment, machine. Standard library only."""
