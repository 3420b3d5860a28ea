"""What a still picture says where its widget should be."""

import base64
import io
from typing import Any

from matplotlib.figure import Figure
from matplotlib.image import imread

HINT = "A still picture. Its controls need a browser that runs scripts,\nand in JupyterLab the package jupyterlab_widgets, too."
_BELOW, _WIDE = 46, 400  # px for two lines
_DPI = 100


def with_hint(png: bytes) -> bytes:
    """Write beneath a picture why it has no controls: it is seen only by those who lack them."""
    pixels = imread(io.BytesIO(png), format="png")
    height, width = pixels.shape[0], max(pixels.shape[1], _WIDE)
    fig = Figure(figsize=(width / _DPI, (height + _BELOW) / _DPI), dpi=_DPI, facecolor="white")
    fig.figimage(pixels, 0, _BELOW, origin="upper")
    fig.text(8 / width, 8 / (height + _BELOW), HINT, fontsize=9, color="#333333", va="bottom")
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=_DPI, facecolor="white")
    return file.getvalue()


def with_picture(bundle: Any, png: bytes) -> Any:
    """Add a still picture to what a widget hands to a notebook: for viewers that cannot show the widget."""
    if bundle is None:  # the widget has shown itself
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "image/png": base64.b64encode(png).decode()}, metadata
