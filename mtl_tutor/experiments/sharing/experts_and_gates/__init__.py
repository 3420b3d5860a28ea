"""Chapter "Experts and gates": mixtures of experts, what their gates say, and how experts collapse."""
