"""The addresses of the service, one file a resource: parse, call, answer."""
