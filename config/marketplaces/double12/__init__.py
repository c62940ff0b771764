"""What a marketplace's sellers, operators and feeds do in a Double 12: its plan, from the seed."""
