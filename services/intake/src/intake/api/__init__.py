"""Intake over HTTP, by audience: people, everybody who needs a directory, offices."""
