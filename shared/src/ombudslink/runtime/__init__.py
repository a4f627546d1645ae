"""What moves: commands out, records in, read models, clocks; the same in every service."""
