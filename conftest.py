"""The harness's fixtures come with its installation (entry point pytest11); nothing else is needed here."""
