"""Joint inspections as one office sees them: what it reads of them, and what it does in them."""
