"""Checkers for the exercises of the book: each takes your answer and says what is right or what to look at."""

from mtl_tutor.exercises.after_training import check_order, check_sum
from mtl_tutor.exercises.as_regularisation import check_parameters, check_shrinkage
from mtl_tutor.exercises.attribute_selection import check_auc, check_growth
from mtl_tutor.exercises.avoided_representations import check_can_change, check_first_weights
from mtl_tutor.exercises.capacity import check_same_size, check_units_needed
from mtl_tutor.exercises.caruana_1997 import check_correlation, check_erratum, check_strangers
from mtl_tutor.exercises.conditioning import check_own_numbers, check_slopes
from mtl_tutor.exercises.data_amplification import check_floor, check_spread
from mtl_tutor.exercises.eavesdropping import check_neighbour, check_nothing_to_hear
from mtl_tutor.exercises.experts_and_gates import check_n_read, check_parted, check_seesaw
from mtl_tutor.exercises.hard_and_soft import check_labels_at_peak, check_step_to_mean
from mtl_tutor.exercises.layers_and_cascades import check_feeds, check_stitch
from mtl_tutor.exercises.learning_dynamics import check_harm, check_same_steps
from mtl_tutor.exercises.local_minima import check_hints, check_units
from mtl_tutor.exercises.noise_as_regulariser import check_added, check_regulariser
from mtl_tutor.exercises.one_network_many_tasks import check_masked_loss, check_sixth_question
from mtl_tutor.exercises.regularised_families import check_decay, check_shrink, check_suits
from mtl_tutor.exercises.relatives import check_exactly_one, check_relatives
from mtl_tutor.exercises.shared_minimum import check_reads, check_turned
from mtl_tutor.exercises.two_nets_or_one import check_one_output, check_two_counts
from mtl_tutor.exercises.which_one import check_breaks, check_lucky
from mtl_tutor.exercises.why_it_works import check_opposite, check_reading

__all__ = [
    "check_added",
    "check_auc",
    "check_breaks",
    "check_can_change",
    "check_correlation",
    "check_decay",
    "check_erratum",
    "check_exactly_one",
    "check_feeds",
    "check_first_weights",
    "check_floor",
    "check_growth",
    "check_harm",
    "check_hints",
    "check_labels_at_peak",
    "check_lucky",
    "check_masked_loss",
    "check_n_read",
    "check_neighbour",
    "check_nothing_to_hear",
    "check_one_output",
    "check_opposite",
    "check_order",
    "check_own_numbers",
    "check_parameters",
    "check_parted",
    "check_reading",
    "check_reads",
    "check_regulariser",
    "check_relatives",
    "check_same_size",
    "check_same_steps",
    "check_seesaw",
    "check_shrink",
    "check_shrinkage",
    "check_sixth_question",
    "check_slopes",
    "check_spread",
    "check_step_to_mean",
    "check_stitch",
    "check_strangers",
    "check_suits",
    "check_sum",
    "check_turned",
    "check_two_counts",
    "check_units",
    "check_units_needed",
]
