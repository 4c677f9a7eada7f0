"""What the tests with servers stand on: a newsletter that is served, a relay that keeps letters, a browser."""
