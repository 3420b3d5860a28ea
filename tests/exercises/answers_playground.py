"""Answers to the exercises of *Playground: train two tasks in your browser*."""

from tests.exercises.answers import Answers

FEW = "play.samples=16&play.steps=50"

TABLE = {
    "check_playground": Answers(
        accepted=[
            "?play.tasks=3&play.relatedness=0&play.labelled=1&play.units=4&play.lr=0.1&play.noise=0.1&play.seed=0",
            "https://example.org/playground.html?play.tasks=3&play.relatedness=0&play.labelled=1&play.units=4&play.lr=0.1&play.noise=0.1#top",
        ],
        rejected=[
            (f"?{FEW}", "both tasks lose in"),
            (f"?{FEW}&play.net=separate", "share nothing"),
            (f"?{FEW}&play.units=99", "it is 16 now"),
            ("https://example.org/playground.html", "has `?play.` in it"),
            ("", "Press Copy link"),
            (7, "must be"),
        ],
    ),
    "check_saved_half": Answers(
        accepted=["?play.tasks=3&play.samples=100&play.labelled=0.15&play.noise=0.1&play.seed=0"],
        rejected=[(f"?{FEW}&play.relatedness=0", "sharing saves"), (f"?{FEW}&play.net=separate", "share nothing"), (["?"], "must be")],
    ),
}
