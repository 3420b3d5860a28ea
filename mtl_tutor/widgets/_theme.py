"""Which colours of a figure follow the page's light or dark theme, and which stay as they are."""

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text

from mtl_tutor.plots import PALETTE
from mtl_tutor.plots.palette import contrast, inks

PAPERS = {"black": "#ffffff", "white": "#14181e"}
"""The ink of a theme -> its paper, as far as it is known before the page is."""

_LEGIBLE = 3.0  # the contrast that text and lines keep in the other theme, if they have it in their own
_OTHER = {"black": "white", "white": "black"}


def settle_colours(figure: Figure) -> None:
    """Make a figure's colours such that its black and white may become a page's ink and paper.

    Text keeps its contrast with what lies under it. On bare paper it follows the page, and takes
    its ink where its own colour would vanish in one of the two themes. On a cell that was filled
    with a number's colour, which no theme changes, it stays as it is.

    Parameters
    ----------
    figure : Figure
        Changed in place: laid out, with transparent papers.
    """
    ink, _ = inks(figure)
    for patch in [figure.patch, *(ax.patch for ax in figure.axes)]:
        patch.set_alpha(0)
    mapped = figure.findobj(_shows_numbers)
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text() and not text.get_path_effects()]
    for text, (fill, is_mapped) in zip(texts, _under(figure, texts, mapped), strict=True):
        colour = to_hex(text.get_color())
        if fill is None:
            text.set_color(_on_paper(colour, ink))
        else:
            changed = fill if is_mapped else in_other_theme(fill, ink)
            stays = is_mapped or contrast(colour, changed) >= contrast(in_other_theme(colour, ink), changed)
            text.set_color(_fixed(colour) if stays else colour)
    for artist in mapped:
        if isinstance(artist, Collection):
            _fix_cells(artist)


def in_other_theme(colour: str, ink: str) -> str:
    """What a colour becomes in the theme that a figure was not drawn for."""
    other = _OTHER[ink]
    swapped = {to_hex(ink): to_hex(other), to_hex(other): PAPERS[other]}
    swapped |= {role.light.lower(): role.dark for role in PALETTE.values()} if ink == "black" else {}
    return swapped.get(colour.lower(), colour)


def legible(colour: str, ink: str) -> str:
    """Move a colour towards the other theme's ink until it keeps there the contrast that it had, up to 3."""
    other = _OTHER[ink]
    wanted = min(_LEGIBLE, contrast(colour, PAPERS[ink]))
    steps = (to_hex((1 - t) * np.array(to_rgb(colour)) + t * np.array(to_rgb(other))) for t in np.linspace(0, 1, 21))
    return next(step for step in steps if contrast(step, PAPERS[other]) >= wanted)


def _shows_numbers(artist: Artist) -> bool:
    """Whether it is an image or has cells whose colours stand for numbers; lines of equal height have not."""
    is_line = isinstance(artist, ContourSet) and not artist.filled
    return isinstance(artist, ScalarMappable) and artist.get_array() is not None and not is_line


def _on_paper(colour: str, ink: str) -> str:
    if colour.upper() in {role.light for role in PALETTE.values()}:
        return colour
    own, other = contrast(colour, PAPERS[ink]), contrast(in_other_theme(colour, ink), PAPERS[_OTHER[ink]])
    return to_hex(ink) if min(own, other) < min(_LEGIBLE, max(own, 1.5)) else colour


def _fixed(colour: str) -> str:
    """A colour that no eye tells from the given one, and that is none of those which follow the theme."""
    red, green, blue = to_rgb(colour)
    return to_hex((red, green, blue + 1 / 255 if blue < 0.5 else blue - 1 / 255))


def _fix_cells(cells: Collection) -> None:
    cells.update_scalarmappable()
    colours = np.array(cells.get_facecolor())
    cells.set_array(None)
    colours[:, 2] += np.where(colours[:, 2] < 0.5, 1, -1) / 255
    cells.set_facecolor([tuple(colour) for colour in colours.tolist()])


def _under(figure: Figure, texts: list[Text], mapped: list[Artist]) -> Iterator[tuple[str | None, bool]]:
    """For each text, the colour on which most of it lies (None: bare paper), and whether a number was mapped to it."""
    alphas = [text.get_alpha() for text in texts]
    for text in texts:
        text.set_alpha(0)
    everything = _drawn(figure)
    seen = [artist.get_visible() for artist in mapped]
    for artist in mapped:
        artist.set_visible(False)
    without = _drawn(figure) if mapped else everything
    boxes = [text.get_window_extent() for text in texts]
    for artist, visible in zip(mapped, seen, strict=True):
        artist.set_visible(visible)
    for text, alpha in zip(texts, alphas, strict=True):
        text.set_alpha(alpha)
    height = len(everything)
    for box in boxes:
        rows = slice(max(int(height - box.y1), 0), max(int(height - box.y0) + 1, 0))
        columns = slice(max(int(box.x0), 0), max(int(box.x1) + 1, 0))
        pixels, bare = (image[rows, columns].reshape(-1, 4) for image in (everything, without))
        if not len(pixels) or np.median(pixels[:, 3]) < 128:
            yield None, False
        else:
            yield to_hex(np.median(pixels[:, :3], axis=0) / 255), bool(np.median(bare[:, 3]) < 128)


def _drawn(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())
