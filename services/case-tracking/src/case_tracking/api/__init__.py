"""Case-tracking over HTTP, for the people of one office: what they read, and what they do."""
