"""The live curves of trainings."""
