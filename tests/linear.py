"""Text of repeated patterns, and whether the time to convert it grows with its length."""

import gc
import time

FACTOR = 8
MARGIN = 3  # the square would be ``FACTOR`` times as much as the length
UNMEASURABLE = 0.02  # seconds

# Each takes the square of its number in some parser: openings without an end, endings
# without a beginning, nesting, and formatting that is left open.
HTML_PATTERNS = [
    *("<ul><li>", "<b>", "<b><p>", "<a href=x>", "<x>", "<p>", "<li>", "<h2>"),
    *("<b class={}>", "</b><b><i><u><s>", "<p><b><i><u>x</b>", "<button><p>"),
    *("<ul><li><!--</ul>-->", "<blockquote>", "<table><tr><td>", "<q>a</q>"),
    *("<", "</", "</p>", "<a b", "<a ='", '<a ="', '<a =">', "<!--", "<!-- >"),
    *("<script>", "</script>", "<svg>", "<template>", "<textarea>", "<![CDATA["),
    *(
        "&amp;",
        "&#60;",
        "a<br><br>",
        "<i a=1 b{}=2 ",
        "<p title='>'>",
        " = ",
        "\x0b",
        '\x0b<a "',
        "\x0b<b",
        "&#8238;<p>",
    ),
]
TEXT_PATTERNS = [
    *("a\n\n", "a\n", "\n", "* a\n", "- a\n", "  - a\n", "1. a\n", "> a\n", ">>> "),
    *("https://a.example/x\n\n", "https://a.example/(", "https://a)", "<https://a"),
    *("*", "_", "~", "||", "**a", "*a* _b_ ", "*_~a", "\\", "`", "``", "```", "`a``"),
    *("[", "[a](", "[a](https://b", "[[a]", "<", "<@", "<!date^", "<a|", "&lt;"),
    *(":", ":a", "::a:", "||a|| ", "# a\n", "-# ", "\u200b", " ", "\x00a", "👨‍👩‍👧"),
    *('[a](https://b (c) "', "<t:1", "a.b://c", "1", "@"),
]


def repeat(pattern: str, length: int) -> str:
    """Return the pattern as often as the length allows; ``{}`` is a number."""
    if "{}" in pattern:
        parts = (pattern.format(number) for number in range(length // len(pattern)))
        return "".join(parts)[:length]
    return (pattern * length)[:length]


def is_linear(convert, pattern: str, length: int) -> bool:
    """Return whether the longer text takes longer only as it has more to convert. The
    time is that of this thread, and counts only if it is too long three times."""
    short, long = repeat(pattern, length // FACTOR), repeat(pattern, length)
    for _ in range(3):
        slow = _measure(convert, long)
        if slow < UNMEASURABLE or slow < _measure(convert, short) * FACTOR * MARGIN:
            return True
    return False


def _measure(convert, text: str) -> float:
    gc.disable()  # its runs depend on everything that is in memory
    start = time.thread_time()
    convert(text)
    seconds = time.thread_time() - start
    gc.enable()
    return seconds
