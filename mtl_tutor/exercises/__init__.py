"""Checkers for the exercises of the book: each takes your answer and says what is right or what to look at."""

from mtl_tutor.exercises.after_training import check_averaged_nets, check_order
from mtl_tutor.exercises.as_regularisation import check_parameters, check_shrinkage
from mtl_tutor.exercises.attribute_selection import check_auc, check_growth
from mtl_tutor.exercises.capacity import check_same_size, check_units_needed
from mtl_tutor.exercises.caruana_1997 import check_correlation, check_erratum, check_strangers
from mtl_tutor.exercises.conditioning import check_find_code, check_own_numbers, check_slopes
from mtl_tutor.exercises.cross_stitch import check_closed_stitches, check_stitch
from mtl_tutor.exercises.data_amplification import check_floor, check_spread
from mtl_tutor.exercises.eavesdropping import check_neighbour, check_weights
from mtl_tutor.exercises.experts_and_gates import check_n_read, check_own_gate, check_parted
from mtl_tutor.exercises.hard_and_soft import check_start_control, check_step_to_mean
from mtl_tutor.exercises.layers_and_cascades import check_one_way, check_shuffled_helper
from mtl_tutor.exercises.learning_dynamics import check_mean_loss, check_rate
from mtl_tutor.exercises.local_minima import check_hints, check_units
from mtl_tutor.exercises.noise_as_regulariser import check_fresh_labels, check_noise_tasks
from mtl_tutor.exercises.one_network_many_tasks import check_masked_loss, check_sixth_question
from mtl_tutor.exercises.regularised_families import check_decay, check_drift, check_suits
from mtl_tutor.exercises.relatives import check_exactly_one, check_relatives
from mtl_tutor.exercises.shared_minimum import check_meeting_place, check_two_trunks
from mtl_tutor.exercises.two_nets_or_one import check_one_output, check_two_counts
from mtl_tutor.exercises.which_one import check_breaks, check_choose
from mtl_tutor.exercises.why_it_works import check_opposite, check_reading

__all__ = [
    "check_auc",
    "check_averaged_nets",
    "check_breaks",
    "check_choose",
    "check_closed_stitches",
    "check_correlation",
    "check_decay",
    "check_drift",
    "check_erratum",
    "check_exactly_one",
    "check_find_code",
    "check_floor",
    "check_fresh_labels",
    "check_growth",
    "check_hints",
    "check_masked_loss",
    "check_mean_loss",
    "check_meeting_place",
    "check_n_read",
    "check_neighbour",
    "check_noise_tasks",
    "check_one_output",
    "check_one_way",
    "check_opposite",
    "check_order",
    "check_own_gate",
    "check_own_numbers",
    "check_parameters",
    "check_parted",
    "check_rate",
    "check_reading",
    "check_relatives",
    "check_same_size",
    "check_shrinkage",
    "check_shuffled_helper",
    "check_sixth_question",
    "check_slopes",
    "check_spread",
    "check_start_control",
    "check_step_to_mean",
    "check_stitch",
    "check_strangers",
    "check_suits",
    "check_two_counts",
    "check_two_trunks",
    "check_units",
    "check_units_needed",
    "check_weights",
]
