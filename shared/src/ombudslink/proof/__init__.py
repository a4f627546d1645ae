"""Chains, signatures and what else makes a history provable."""
