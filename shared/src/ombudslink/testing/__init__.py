"""What tests of every part of the platform are written with."""
