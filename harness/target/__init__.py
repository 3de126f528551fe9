"""A system under test as data: how its processes start, what is on its wire, where to look on its page."""
