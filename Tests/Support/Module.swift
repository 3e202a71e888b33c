// Test doubles follow.
