"""Clean runs, again and again, under conditions that a healthy system survives: does the harness ever cry wolf?"""
