"""All runs of the catalogue: what is measured over the training of each, and the tables and files that hold it."""
