"""Case-tracking's own tables' history of changes."""
