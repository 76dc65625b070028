"""XML of unknown origin to a tree: no entities, no network, no deep nesting.

Runs in a child process (see `inkseek.isolate`), since the parser is a large C library.
"""

from lxml import etree  # type: ignore[import-untyped]

from inkseek.errors import SketchFormatError

SECONDS = 3.0
"""Time to parse a file and flatten its curves; an emoji takes two milliseconds."""

MEMORY_BYTES = 2**30
"""Memory of the child, libraries included."""


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root element.

    A plain DOCTYPE is common and ignored; what it points to is never read.

    Raises:
        SketchFormatError: Not well-formed, nested more than 256 deep, or defines entities.
    """
    if b"<!ENTITY" in content or b"\0" in content:
        # NUL bytes are UTF-16, in which a search for the word would miss it.
        raise SketchFormatError(f"{name} defines entities or is not UTF-8; save it as plain XML")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        reason = " ".join(str(error).split())[:120]
        raise SketchFormatError(f"{name} is not well-formed XML ({reason}); save it anew") from None
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None and document_type.entities():
        raise SketchFormatError(f"{name} defines entities; save it as plain XML")
    return root


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
