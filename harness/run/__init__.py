"""One recorded run of a system: its pages, its producers, what is done with them, and the proof of absence."""
