"""What stands on every printed page: the title, a stamp, that the data are a demonstration."""

from __future__ import annotations

__all__ = ["running_style"]


def running_style(title: str, stamp: str, demo_text: str, demo: bool) -> str:
    """Return the rules that write title, stamp and demonstration on every printed page.

    Parameters
    ----------
    title, stamp, demo_text : str
        Plain texts; no stamp where it is empty.
    demo : bool
        Whether `demo_text` is written.
    """
    foot = f"{title} – {demo_text}" if demo else title
    boxes = [f"@bottom-left {{ content: {_css_text(foot)}; }}"]
    if stamp:
        boxes.append(f"@top-center {{ content: {_css_text(stamp)}; }}")
        # The first page bears the banner, which a program that ignores these boxes prints too.
        return f"@page {{ {' '.join(boxes)} }} @page :first {{ @top-center {{ content: none; }} }}"
    return f"@page {{ {' '.join(boxes)} }}"


def _css_text(text: str) -> str:
    """Return a text as a string of CSS that nothing in it can end.

    Every sign but plain letters and figures is written by its code point (CSS Syntax Level 3,
    4.3.7, six hexadecimal digits).
    """
    plain = (
        each if each.isascii() and each.isalnum() else f"\\{ord(each):06x}"
        for each in " ".join(text.splitlines())
    )
    return f'"{"".join(plain)}"'
