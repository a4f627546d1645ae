"""The kernel of Ombudslink: one complaint, several ombudsman offices, one provable history."""
