"""The HTTP service and the page to draw on."""
