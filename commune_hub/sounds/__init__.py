"""Sound files that staff bring: checked, levelled, kept for the loudspeakers."""
