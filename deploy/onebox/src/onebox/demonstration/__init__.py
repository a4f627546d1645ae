"""The demonstration: invented complaints, what becomes of them, and when."""
