"""What a server tells beside events, and what events tell of each other: answers, notices, sums, stories. Pure."""
