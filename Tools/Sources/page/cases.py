"""All cases of the suite, in the order in which they run."""
