"""The shared tables' history of changes."""
