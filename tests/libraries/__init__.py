"""What the real libraries do, as installed: each test is a row of docs/real-behaviour.md."""
