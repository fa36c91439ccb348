"""What happens when a message arrives: one file for each, yours to fill."""
