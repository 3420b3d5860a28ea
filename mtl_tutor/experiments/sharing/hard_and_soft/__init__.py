"""Chapter "Hard and soft sharing": tied trunks, the number of tasks, and the peak at interpolation."""
