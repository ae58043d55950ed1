"""Text of repeated patterns, and whether the time to convert it grows with its length."""

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
    *("&amp;", "&#60;", "a<br><br>", "<i a=1 b{}=2 ", "<p title='>'>", " = ", "\x0b"),
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
    """Return whether the longer text takes longer only as it has more to convert."""
    slow = _measure(convert, repeat(pattern, length))
    if slow < UNMEASURABLE:
        return True
    fast = _measure(convert, repeat(pattern, length // FACTOR))
    return slow < fast * FACTOR * MARGIN


def _measure(convert, text: str) -> float:
    """Return the shortest of three times, in seconds of this thread."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        convert(text)
        times.append(time.thread_time() - start)
    return min(times)
