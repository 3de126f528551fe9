"""What rows of lists say, against the events that they show. Pure."""
