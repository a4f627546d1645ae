"""The history of changes of routing's own tables."""
