"""Ombudslink on one machine: all services in one process."""
