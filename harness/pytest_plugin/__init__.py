"""The harness in pytest: fixtures, scenarios, verdicts as messages, recordings, Allure results."""
