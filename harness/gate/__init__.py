"""The gate: whether runs are at least as good as what was accepted. Pure; files and dates are the command's business.

`observed` is what runs say of themselves, `baseline` what was accepted, `rules` each way of being worse, `comparison`
puts them together and knows what is excused until when. docs/gate.md is written for its users.
"""
