"""Values of data, and how pages write them for people: texts, numbers, times; where two differ. Pure."""
