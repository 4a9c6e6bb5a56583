"""Statistics over documents: confidence intervals, paired tests, permutation tests."""
