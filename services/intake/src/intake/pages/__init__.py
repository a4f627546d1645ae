"""Intake's pages, by what a person wants: to look around, to file, to follow."""
