"""The application: latency, load, the encoder in the browser."""

from typing import Any

from tables.common import rule

_PAINTED = ("names_ms", "pictures_ms")


def write_page(report: dict[str, Any]) -> str:
    """From the lifted pen to painted results, and first visits."""
    lines = [
        _describe_run(report, f"{report['photos']:,} photos"),
        "",
        "| encodes and searches | pen up to names, p50 / p95 | to pictures, p50 / p95 | aim, p50 "
        "| first visit | ready | first paint |",
        rule(7),
    ]
    for row in report["ways"]:
        visit = row["first_visit"]
        cells = [
            row["way"],
            *(f"{row[what]['p50']:.0f} / {row[what]['p95']:.0f} ms" for what in _PAINTED),
            f"{row['limit_ms']} ms",
            f"{visit['bytes'] / 1e6:.2f} MB",
            f"{visit['ready_ms'] / 1e3:.2f} s",
            f"{visit.get('first_contentful_paint_ms', 0) / 1e3:.2f} s",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_load(report: dict[str, Any]) -> str:
    """Many drawers at once."""
    memory = report["memory_mib"]
    return "\n".join(
        [
            _describe_run(report, f"{report['photos']:,} photos"),
            "",
            "| drawers | seconds | searches | errors | p50 | p95 | p99 "
            "| memory, start / middle / end |",
            rule(8),
            f"| {report['drawers']} | {report['seconds']:g} | {report['requests']} "
            f"| {report['errors']} | {report['p50_ms']:.0f} ms | {report['p95_ms']:.0f} ms "
            f"| {report['p99_ms']:.0f} ms "
            f"| {memory['start']:.0f} / {memory['middle']:.0f} / {memory['end']:.0f} MiB |",
        ]
    )


def write_browser(report: dict[str, Any]) -> str:
    """Each network on each canvas, in the browser."""
    lines = [
        _describe_run(report, f"{report['drawings']} drawings"),
        "",
        "| network | canvas | least cosine to native float32 | to native 8-bit "
        "| sketch to embedding, least / p50 / p95 |",
        rule(5),
    ]
    for row in report["rows"]:
        name = f"{row['network']}, {row['bytes'] / 1e6:.1f} MB"
        cosines = row["least_cosine_to_native"]
        total = row["total_ms"]
        times = " / ".join(f"{total[part]:.0f}" for part in ("least", "p50", "p95"))
        lines.append(
            f"| {name} | {row['canvas']} | {cosines['fp32']:.7f} | {cosines['int8']:.4f} "
            f"| {times} ms |"
        )
    return "\n".join(lines)


def _describe_run(report: dict[str, Any], what: str) -> str:
    return (
        f"`{report['command']}`, {what}, {report['machine']}, load average "
        f"{report['load_average']:g} before it began:"
    )
