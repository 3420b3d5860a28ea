"""Checkers for the exercises of the book: each takes your answer and says what is right or what to look at."""

from mtl_tutor.exercises.after_training import check_averaged_nets, check_order
from mtl_tutor.exercises.as_regularisation import check_fit_of_both, check_parameters
from mtl_tutor.exercises.attribute_selection import check_auc, check_chosen_inputs
from mtl_tutor.exercises.avoided_representations import check_can_change, check_first_weights
from mtl_tutor.exercises.capacity import check_needs_room, check_same_size, check_two_trunks
from mtl_tutor.exercises.caruana_1997 import check_correlation, check_gain_of_copies, check_strangers
from mtl_tutor.exercises.conditioning import check_find_code, check_own_numbers, check_slopes
from mtl_tutor.exercises.cross_stitch import check_closed_stitches, check_stitch
from mtl_tutor.exercises.data_amplification import check_common_noise, check_trust
from mtl_tutor.exercises.eavesdropping import check_neighbour, check_nothing_to_hear
from mtl_tutor.exercises.experts_and_gates import check_n_read, check_own_gate, check_parted
from mtl_tutor.exercises.hard_and_soft import check_start_control, check_step_to_mean
from mtl_tutor.exercises.layers_and_cascades import check_one_way, check_shuffled_helper
from mtl_tutor.exercises.learning_dynamics import check_harm, check_same_distance, check_same_steps
from mtl_tutor.exercises.local_minima import check_hints, check_units
from mtl_tutor.exercises.losses_and_units import check_focal_minimum, check_one_scale
from mtl_tutor.exercises.multi_label_and_ensembles import check_probabilities, check_shuffle_test
from mtl_tutor.exercises.noise_as_regulariser import check_added, check_regulariser
from mtl_tutor.exercises.one_network_many_tasks import check_digits_control, check_masked_loss, check_sixth_question
from mtl_tutor.exercises.playground import check_playground, check_saved_half
from mtl_tutor.exercises.reconstruction import check_targets, check_worth_reconstructing
from mtl_tutor.exercises.regularised_families import check_decay, check_drift, check_suits
from mtl_tutor.exercises.relatives import check_frozen, check_pretrained
from mtl_tutor.exercises.shared_minimum import check_reads, check_turned
from mtl_tutor.exercises.stein import check_far_number, check_learned_factor, check_shrinkage
from mtl_tutor.exercises.two_nets_or_one import check_crowded_unit, check_ties
from mtl_tutor.exercises.when_gradients_conflict import check_conflict, check_no_task_loses
from mtl_tutor.exercises.which_one import check_breaks, check_choose
from mtl_tutor.exercises.why_it_works import check_no_information, check_second_task

__all__ = [
    "check_added",
    "check_auc",
    "check_averaged_nets",
    "check_breaks",
    "check_can_change",
    "check_choose",
    "check_chosen_inputs",
    "check_closed_stitches",
    "check_common_noise",
    "check_conflict",
    "check_correlation",
    "check_crowded_unit",
    "check_decay",
    "check_digits_control",
    "check_drift",
    "check_far_number",
    "check_find_code",
    "check_first_weights",
    "check_fit_of_both",
    "check_focal_minimum",
    "check_frozen",
    "check_gain_of_copies",
    "check_harm",
    "check_hints",
    "check_learned_factor",
    "check_masked_loss",
    "check_n_read",
    "check_needs_room",
    "check_neighbour",
    "check_no_information",
    "check_no_task_loses",
    "check_nothing_to_hear",
    "check_one_scale",
    "check_one_way",
    "check_order",
    "check_own_gate",
    "check_own_numbers",
    "check_parameters",
    "check_parted",
    "check_playground",
    "check_pretrained",
    "check_probabilities",
    "check_reads",
    "check_regulariser",
    "check_same_distance",
    "check_same_size",
    "check_same_steps",
    "check_saved_half",
    "check_second_task",
    "check_shrinkage",
    "check_shuffle_test",
    "check_shuffled_helper",
    "check_sixth_question",
    "check_slopes",
    "check_start_control",
    "check_step_to_mean",
    "check_stitch",
    "check_strangers",
    "check_suits",
    "check_targets",
    "check_ties",
    "check_trust",
    "check_turned",
    "check_two_trunks",
    "check_units",
    "check_worth_reconstructing",
]
