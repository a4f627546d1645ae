"""One service's own database: its events, its outbox, its place in the log."""
