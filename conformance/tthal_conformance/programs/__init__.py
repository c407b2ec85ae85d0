"""The programs, one module per area of the API."""
