"""What is said of experts and gates, and the table of trainings that decides it."""

from mtl_tutor.experiments._base import Sentence

MA, TANG, TEXT = "Ma et al. 2018", "Tang et al. 2020", "source text 001"
TABLE = {  # world -> who is tried there
    "unrelated": ("single", "hard", "omoe", "mmoe", "three", "cgc", "ple", "hybrid", "still"),
    "same": ("single", "hard", "omoe", "mmoe", "hybrid"),
    "opposed": ("single", "hard"),
    "many": ("single", "mmoe"),
    "kinds": ("single", "hard", "omoe", "mmoe", "cgc"),
}
SENTENCES = (
    Sentence("gap-hard", "As tasks part, MMoE loses less than one trunk", MA, "hard, gap", "mmoe, gap"),
    Sentence("gap-omoe", "... and less than OMoE", MA, "omoe, gap", "mmoe, gap"),
    Sentence("same", "Where the tasks are one, MMoE and OMoE are alike", MA, "mmoe, same", "omoe, same", margin=0.2),
    Sentence("hard-same", "MMoE is better than one trunk where the tasks are one", MA, "mmoe, same", "hard, same"),
    Sentence("hard-unrelated", "... and where they are unrelated", MA, "mmoe, unrelated", "hard, unrelated"),
    Sentence(
        "starts",
        "Runs of one trunk that differ in their start only differ more than MMoE's",
        MA,
        "hard, unrelated, starts",
        "mmoe, unrelated, starts",
    ),
    Sentence("mmoe", "Two experts cost unrelated tasks more than a tenth of the single-task error", "ours", "mmoe, unrelated", most=-0.1),
    Sentence("still", "... less with gates that are blind to the sample", "ours", "still, unrelated", "mmoe, unrelated", 0.1),
    Sentence("many", "... and less with four times the samples", "ours", "mmoe, many", "mmoe, unrelated", 0.1),
    Sentence("kinds", "Where samples are of two kinds, MMoE gains", "Jacobs et al. 1991", "mmoe, kinds", least=0.05),
    Sentence("kinds-hard", "... and one trunk does not", "ours", "hard, kinds", most=0.0),
    Sentence("kinds-omoe", "... and one gate for both tasks is no worse", "ours", "omoe, kinds", "mmoe, kinds", -0.1),
    Sentence("opposed", "Opposed labels share as well as equal ones", "ours", "hard, opposed", "hard, same", margin=0.2),
    Sentence("private", "Private experts beside a shared one beat three shared ones", TANG, "cgc, unrelated", "three, unrelated", 0.1),
    Sentence("private-only", "... but lose to private ones alone, which are single-task nets", "ours", "cgc, unrelated", most=-0.1),
    Sentence("private-kinds", "Where samples are of two kinds, CGC beats single-task nets", "ours", "cgc, kinds", least=0.05),
    Sentence("levels", "A second level of experts helps", TANG, "ple, unrelated", "cgc, unrelated"),
    Sentence("seesaw", "In one trunk one task is up and the other down in more than half of the runs", TANG, "hard, seesaw", least=0.5),
    Sentence("seesaw-again", "Single-task nets against themselves show it in more than a third", "control", "single, seesaw", least=0.33),
    Sentence("seesaw-more", "... and more often than one trunk does", "control", "single, seesaw", "hard, seesaw"),
    Sentence("hybrid-same", "A learned switch gains where the tasks are one", TEXT, "hybrid, same"),
    Sentence("hybrid-unrelated", "... and where they are unrelated", TEXT, "hybrid, unrelated"),
)
