"""Frames of a film: the desk on the left, a reader's phone on the right, a pointer and a
caption."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SCALE = 1.5
DESK = {"width": 560, "height": 640}
PHONE = {"width": 340, "height": 640}
MARGIN, BEZEL, LABELS, CAPTION = 24, 8, 44, 56
SIZE = (
    DESK["width"] + PHONE["width"] + 3 * MARGIN + 2 * BEZEL,
    DESK["height"] + LABELS + CAPTION + 2 * BEZEL,
)
BACKGROUND, INK, FAINT, BORDER = "#dfe6ea", "#1c2126", "#55606a", "#20262c"
POINTER = [(0, 0), (0, 19), (4.5, 15), (7.5, 22), (10.5, 20.7), (7.6, 14), (13.5, 14)]
SMOOTH = 4  # times as large, for smooth edges
STEPS, STEP = 8, 50  # of a movement, in milliseconds
LETTERS, LETTERS_TIME = 2, 80  # typed between two frames, in milliseconds


class Film:
    def __init__(self, desk, phone):
        self.places = {
            desk: (MARGIN, LABELS + BEZEL),
            phone: (2 * MARGIN + DESK["width"] + BEZEL, LABELS + BEZEL),
        }
        self.desk, self.phone = desk, phone
        self.shots = {}
        self.frames, self.durations = [], []
        self.pointer = (DESK["width"] * 0.6, DESK["height"] * 0.8)
        self.caption = ""
        self.stage = draw_stage(self.places[phone])

    def shoot(self, milliseconds, *windows):
        """Take a frame, with new pictures of these windows, or of both."""
        for window in windows or self.places:
            data = window.screenshot(caret="initial")
            self.shots[window] = Image.open(BytesIO(data)).convert("RGB")
        self.compose(milliseconds)

    def hold(self, milliseconds):
        self.durations[-1] += milliseconds

    def compose(self, milliseconds):
        frame = self.stage.copy()
        for window, place in self.places.items():
            shot = self.shots[window]
            frame.paste(shot, scaled(place), round_corners(shot.size, 10))
        pen = ImageDraw.Draw(frame)
        middle = (SIZE[0] / 2, SIZE[1] - CAPTION / 2)
        pen.text(scaled(middle), self.caption, INK, font(24), anchor="mm")
        if self.pointer:
            paste_pointer(frame, [sum(pair) for pair in self.pointer_place()])
        self.frames.append(frame)
        self.durations.append(milliseconds)

    def pointer_place(self):
        return zip(self.pointer, self.places[self.desk], strict=True)

    def say(self, caption, milliseconds=900):
        self.caption = caption
        self.compose(milliseconds)

    def move_to(self, locator):
        """Move the pointer on the desk."""
        box = locator.bounding_box()
        goal = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        start = self.pointer
        for share in eased():
            self.pointer = tuple(
                a + (b - a) * share for a, b in zip(start, goal, strict=True)
            )
            self.compose(STEP)

    def scroll_to(self, window, top):
        start = window.evaluate("scrollY")
        for share in eased():
            window.evaluate("(y) => scrollTo(0, y)", start + (top - start) * share)
            self.shoot(STEP, window)

    def click(self, locator, milliseconds=300):
        self.move_to(locator)
        locator.click()
        self.shoot(milliseconds, self.desk)

    def type(self, text):
        for start in range(0, len(text), LETTERS):
            self.desk.keyboard.type(text[start : start + LETTERS])
            self.shoot(LETTERS_TIME, self.desk)

    def save(self, path, **options):
        first, *others = self.frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self.durations,
            loop=0,
            **options,
        )


def eased():
    """Return the shares of a movement that are done after each step."""
    return [1 - (1 - step / STEPS) ** 2 for step in range(1, STEPS + 1)]


def scaled(place):
    return tuple(round(value * SCALE) for value in place)


def font(size):
    return ImageFont.load_default(round(size * SCALE))


def draw_stage(phone):
    """Draw all that does not move: the labels, and the case of the phone."""
    stage = Image.new("RGB", scaled(SIZE), BACKGROUND)
    pen = ImageDraw.Draw(stage)
    labels = {
        MARGIN + DESK["width"] / 2: "Reporter: the live desk in Wagtail",
        phone[0] + PHONE["width"] / 2: "Reader: the page, never reloaded",
    }
    for middle, label in labels.items():
        place = scaled((middle, LABELS / 2))
        pen.text(place, label, FAINT, font(17), anchor="mm")
    size = scaled((PHONE["width"] + 2 * BEZEL, PHONE["height"] + 2 * BEZEL))
    place = scaled((phone[0] - BEZEL, phone[1] - BEZEL))
    stage.paste(Image.new("RGB", size, BORDER), place, round_corners(size, 18))
    return stage


def round_corners(size, radius):
    """Return a mask with round corners."""
    mask = Image.new("L", [side * SMOOTH for side in size])
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1), radius * SCALE * SMOOTH, fill=255
    )
    return mask.resize(size, Image.Resampling.LANCZOS)


def paste_pointer(frame, place):
    side = round(26 * SCALE)
    large = Image.new("RGBA", (side * SMOOTH, side * SMOOTH))
    points = [((x + 1) * SCALE * SMOOTH, (y + 1) * SCALE * SMOOTH) for x, y in POINTER]
    pen = ImageDraw.Draw(large)
    pen.polygon(points, "black")
    pen.line([*points, *points[:2]], "white", round(1.5 * SCALE * SMOOTH), "curve")
    pointer = large.resize((side, side), Image.Resampling.LANCZOS)
    frame.paste(pointer, scaled(place), pointer)
