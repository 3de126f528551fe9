"""The folder that PYTHONPATH points at. In the harness it is only a place; in a target it is the top of the path."""
