"""How dates look, in both languages: a 24-hour clock, no "noon"."""
