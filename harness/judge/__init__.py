"""From a record to a verdict. Pure: no clock, network, browser or randomness."""
