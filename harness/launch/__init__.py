"""What starts and stops: processes, stacks of them, the browser, and the proxy in front of a server."""
