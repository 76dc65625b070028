"""Why a photo was found: which stroke met which patch, as data and as a picture."""
