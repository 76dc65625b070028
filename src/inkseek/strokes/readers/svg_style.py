"""Which SVG elements are visible: attributes, `style` and the simple selectors of style sheets."""

from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from inkseek.strokes.readers.xml import local_name

INHERITED = ("fill", "stroke", "visibility")
PROPERTIES = (*INHERITED, "display")


@dataclass(frozen=True)
class StyleSheet:
    """Declarations by selector: `*`, `tag`, `.class`, `tag.class` or `#id`; others are ignored."""

    rules: dict[str, dict[str, str]]

    @classmethod
    def of(cls, root: etree._Element) -> "StyleSheet":
        """All `style` elements of a document."""
        rules: dict[str, dict[str, str]] = {}
        for element in root.iter(etree.Element):
            if local_name(element) == "style":
                for block in _without_comments(element.text or "").split("}"):
                    selectors, _, body = block.partition("{")
                    declarations = _parse_declarations(body)
                    for selector in selectors.split(","):
                        rules.setdefault(selector.strip(), {}).update(declarations)
        return cls(rules)

    def apply(self, element: etree._Element, tag: str, parent: dict[str, str]) -> dict[str, str]:
        """The properties of an element whose parent has these."""
        style = {key: parent[key] for key in INHERITED if key in parent}
        for key in PROPERTIES:
            if (value := element.get(key)) is not None:
                style[key] = value.strip().lower()
        if self.rules:
            classes = (element.get("class") or "").split()
            selectors = ["*", tag]
            selectors += [s for name in classes for s in (f".{name}", f"{tag}.{name}")]
            selectors.append(f"#{element.get('id')}")
            for selector in selectors:
                style.update(self.rules.get(selector, {}))
        if inline := element.get("style"):
            style.update(_parse_declarations(inline))
        return {key: value for key, value in style.items() if value != "inherit"}


def _parse_declarations(body: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in body.split(";"))
    return {
        key.strip(): value.replace("!important", "").strip().lower()
        for key, _, value in pairs
        if key.strip() in PROPERTIES
    }


def _without_comments(text: str) -> str:
    first, *others = text.split("/*")
    return first + "".join(part.partition("*/")[2] for part in others)
