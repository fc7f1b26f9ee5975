"""Plain text out of an HTML body, for mails that bring no other.  Shows words; keeps no link, style or image.

Not `html.parser`: on unclosed quotes and comments it takes quadratic time (120 kB held a core for 29 s) and it stops
at `<![` with an AssertionError.  Words need no tree: this reads tags once, left to right.
"""

import re
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<![^<>]*>|<\?[^<>]*>")
_BLOCK = re.compile(
    r"address|article|blockquote|body|br|div|d[dlt]|footer|form|h[1-6r]|header|li|main|[ou]l|p|pre|section|t(?:able|r)"
)
_HIDDEN = frozenset(("script", "style", "title", "template"))


def html_to_text(html: str) -> str:
    """The words of `html`, one line a block, no run of blank lines.  Takes time in proportion to its length."""
    pieces: list[str] = []
    hidden_by = ""
    end = 0
    markup = _without_comments(html)
    for tag in _TAG.finditer(markup):
        if not hidden_by:
            pieces.append(_words(markup[end : tag.start()]))
        end = tag.end()
        is_closing, name = bool(tag[1]), (tag[2] or "").lower()
        if hidden_by:
            hidden_by = "" if is_closing and name in (hidden_by, "head") else hidden_by
        elif name in _HIDDEN and not is_closing:
            hidden_by = name
        else:
            pieces.append("\n" if _BLOCK.fullmatch(name) else " " if name in ("td", "th") else "")
    pieces.append("" if hidden_by else _words(markup[end:]))
    lines = [re.sub(" +", " ", line).strip() for line in "".join(pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _without_comments(html: str) -> str:
    """A comment that nothing closes is kept: better a stray mark than a lost sentence."""
    first, *rest = html.split("<!--")
    pieces = [first]
    for piece in rest:
        comment, closed, after = piece.partition("-->")
        pieces.append(after if closed else comment)
    return "".join(pieces)


def _words(text: str) -> str:
    return unescape(re.sub(r"\s+", " ", text))
