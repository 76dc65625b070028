"""Errors that a caller may want to catch; the command line and the server show their text as it is.

Every message is one line that says what is wrong, where, and what to do about it.
"""


class InkseekError(Exception):
    """Base of every error this package raises on purpose."""


class SketchFormatError(InkseekError):
    """A sketch file or array does not follow its format, or exceeds a limit."""


class PhotoError(InkseekError):
    """A photo cannot be decoded, or exceeds a limit."""


class LimitError(InkseekError):
    """A worker process exceeded its time or memory limit and was stopped."""


class GalleryError(InkseekError):
    """A gallery cannot be opened, read or written."""


class GalleryMismatchError(GalleryError):
    """A gallery and the model that queries it do not belong together."""


class ModelError(InkseekError):
    """A model folder is missing a file, or a file differs from its card."""


class DatasetError(InkseekError):
    """A dataset folder is missing something or contradicts itself."""


class RecipeError(InkseekError):
    """A recipe has an unknown key or a value out of range."""
