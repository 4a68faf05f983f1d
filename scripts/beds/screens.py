"""Screenshots of a web page: everything at its place, other words, numbers and pictures in each;
one with a card that has slipped, a picture that has not loaded, or a button without its style."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .surface import noise

DEFECTS = ("shifted_card", "missing_picture", "unstyled_button")
FORMAT = "png"
WIDTH, HEIGHT = 640, 480
FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSans"
SYLLABLES = "ba co da fe li mo na pe ra se ti vo lu ken sar mil tor".split()
INK, SOFT, LINE, BLUE = (32, 36, 44), (110, 118, 130), (222, 226, 232), (38, 98, 217)
CARD = 186, 150  # width and height


def font(size, bold=False):
    return ImageFont.truetype(f"{FONTS}{'-Bold' if bold else ''}.ttf", size)


def words(rng, most, face):
    """As many words as fit in most pixels; every shot tells something else."""
    line = ""
    while True:
        word = "".join(rng.choice(SYLLABLES, rng.integers(1, 4)))
        longer = f"{line} {word}" if line else word.capitalize()
        if face.getlength(longer) > most:
            return line or word[:3]
        line = longer


def picture(rng, width, height):
    """Something like a photo: a sky, hills, perhaps a sun."""
    y, x = np.mgrid[0:height, 0:width]
    top, low = rng.uniform(90, 235, (2, 3))
    pixels = top + (low - top) * (y / height)[..., None]
    for _ in range(rng.integers(1, 4)):
        line = height * rng.uniform(0.35, 0.9) + 9 * noise(rng, (1, width), (1.0, 20))[0]
        pixels = np.where((y > line)[..., None], rng.uniform(30, 180, 3), pixels)
    if rng.random() < 0.4:
        sun = np.hypot(x - rng.uniform(0, width), y - rng.uniform(0, height / 2)) < 8
        pixels = np.where(sun[..., None], (250, 235, 180), pixels)
    pixels = pixels + 6 * noise(rng, (height, width), (1.0, 1.2))[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def button(draw, x, y, text, styled):
    box = x, y, x + 64, y + 20
    if styled:
        draw.rounded_rectangle(box, 5, fill=BLUE)
        draw.text((x + 32, y + 10), text, "white", font(10, True), anchor="mm")
    else:
        draw.rectangle((x, y, x + 54, y + 17), fill=(239, 239, 239), outline=(118, 118, 118))
        draw.text((x + 27, y + 9), text, "black", font(10), anchor="mm")


def card(rng, page, x, y, broken):
    draw = ImageDraw.Draw(page)
    width, height = CARD
    draw.rounded_rectangle((x, y, x + width, y + height), 6, fill="white", outline=LINE)
    image = picture(rng, width - 16, 62)
    if broken == "missing_picture":
        draw.rectangle((x + 8, y + 8, x + width - 8, y + 69), outline=(200, 204, 210))
        draw.text((x + 12, y + 11), "image", SOFT, font(9))
    else:
        page.paste(image, (x + 8, y + 8))
    face = font(11, True)
    draw.text((x + 8, y + 76), words(rng, width - 60, face), INK, face)
    for i in range(2):
        face = font(9)
        draw.text(
            (x + 8, y + 94 + 13 * i), words(rng, width - rng.integers(16, 60), face), SOFT, face
        )
    draw.text(
        (x + 8, y + 127), f"{rng.integers(3, 400)}.{rng.integers(10, 99)} €", INK, font(11, True)
    )
    button(draw, x + width - 72, y + 124, "Add", broken != "unstyled_button")


def photograph(rng, camera, harm):
    page = Image.new("RGB", (WIDTH, HEIGHT), (246, 247, 249))
    draw = ImageDraw.Draw(page)
    broken = int(harm.rng.integers(0, 6)) if harm else None
    step, turn = (0.0, 0.0)
    if harm and harm.kind == "shifted_card":
        step, turn = harm.between(5, 34), harm.rng.choice(np.arange(8)) * np.pi / 4
    # Header, navigation, heading, side column; then six cards.
    draw.rectangle((0, 0, WIDTH, 40), fill="white")
    draw.line((0, 40, WIDTH, 40), fill=LINE)
    draw.ellipse((14, 11, 32, 29), fill=BLUE)
    draw.text((40, 20), "Lagerhaus", INK, font(14, True), anchor="lm")
    for i, text in enumerate(("Home", "Parts", "Orders", "Help")):
        draw.text((210 + 62 * i, 20), text, SOFT, font(11), anchor="lm")
    draw.text((WIDTH - 96, 20), words(rng, 56, font(10)), SOFT, font(10), anchor="lm")
    draw.ellipse((WIDTH - 34, 10, WIDTH - 14, 30), fill=tuple(rng.integers(80, 200, 3)))
    draw.text((20, 66), words(rng, 260, font(17, True)), INK, font(17, True), anchor="lm")
    draw.text((20, 88), words(rng, 380, font(10)), SOFT, font(10), anchor="lm")
    for i in range(6):
        x, y = 20 + (CARD[0] + 14) * (i % 3), 106 + (CARD[1] + 14) * (i // 3)
        if i == broken:
            x, y = round(x + step * np.cos(turn)), round(y + step * np.sin(turn))
        card(rng, page, x, y, harm.kind if i == broken else None)
    draw.line((20, 446, WIDTH - 20, 446), fill=LINE)
    draw.text((20, 462), f"{rng.integers(100, 9999)} parts in store", SOFT, font(10), anchor="lm")
    return np.array(page)
