"""A gallery as a folder of static files, whose page searches with no service behind it."""
