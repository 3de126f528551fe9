"""What knows nothing of this project: where time went, closing what was opened, colours."""
