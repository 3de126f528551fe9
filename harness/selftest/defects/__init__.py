"""The harness against seeded bugs: each is played once or more often, judged, and compared with what is to be found."""
