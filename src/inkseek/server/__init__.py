"""The page to draw on, and the HTTP service behind it; loopback only unless told otherwise."""
