"""What panels and counters show, in the end and on the way, against the fold of the events that they concern. Pure."""
