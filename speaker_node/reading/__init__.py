"""How written Vietnamese is said: numbers, dates, units, abbreviations, signs; each a file, all pure."""
