"""What observes the hops. A tap writes sightings and facts through a callable that it is given."""
