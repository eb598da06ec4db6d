"""The sample press: six invented outlets on loopback, for the demo and the tests."""
