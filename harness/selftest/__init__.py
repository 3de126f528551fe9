"""The harness against bugs that were put in, and against clean runs under disturbance."""
