"""Draw the picture of the README from a fresh run: python scripts/readme_picture.py (some 15 seconds)."""

from pathlib import Path

import matplotlib.pyplot as plt

from mtl_tutor.experiments import SharedMinimum
from mtl_tutor.plots import draw_bars

plt.rcParams |= {"svg.hashsalt": "mtl", "svg.fonttype": "none", "font.family": "sans-serif"}
draw_bars(SharedMinimum().run(progress=True).bars(["alone", "copy", "shuffled", "joint"], ylim=(0, 1)))
target = Path(__file__).parents[1] / "book/assets/readme.svg"
plt.savefig(target, facecolor="white", bbox_inches="tight", metadata={"Date": None})
