"""Answers to the exercises of *Playground: train two tasks in your browser*."""

from tests.exercises.answers import Answers

FEW = "play.samples=16&play.steps=50"

TABLE = {
    "check_playground": Answers(
        accepted=[
            "?play.tasks=3&play.relatedness=0&play.labelled=1&play.units=4&play.lr=0.1&play.noise=0.1&play.seed=0",
            "https://example.org/playground.html?play.tasks=3&play.relatedness=0&play.labelled=1&play.units=4&play.lr=0.1&play.noise=0.1#top",
            "play.tasks=3&play.relatedness=0&play.labelled=1&play.units=5&play.lr=0.1&play.noise=0.1&play.steps=500",
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
        accepted=[
            "?play.tasks=3&play.samples=100&play.labelled=0.15&play.noise=0.1&play.seed=0",
            "?play.preset=help&play.noise=0.1&play.units=8",
            "https://example.org/book/what/playground.html?play.preset=help&play.noise=0.1",
        ],
        rejected=[
            (f"?{FEW}&play.relatedness=0", "sharing saves"),
            (f"?{FEW}&play.shuffled=1", "sharing saves"),
            (f"?{FEW}&play.net=separate", "share nothing"),
            (f"?{FEW}&play.lr=1", "it is 0.3 now"),
            (["?"], "must be"),
        ],
    ),
}
