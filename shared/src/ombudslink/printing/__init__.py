"""Documents on paper: what is said as data, set as pages that anybody can read and keep."""
