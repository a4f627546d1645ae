"""The history of changes of intake's own tables."""
