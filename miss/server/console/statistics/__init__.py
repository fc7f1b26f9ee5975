"""The platform's figures, month by month: counted at night, kept as sums, shown so that nobody is singled out."""
