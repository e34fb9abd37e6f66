"""Makes digits.npy, digits-queries.npy and digits-labels.npy from the digits.csv.gz that scikit-learn ships.

    python3 data/make_digits.py path/to/sklearn/datasets/data/digits.csv.gz data
"""
import gzip
import sys

import numpy as np

rows = np.loadtxt(gzip.open(sys.argv[1]), delimiter=",")
images, labels = rows[:, :64].astype(np.float16), rows[:, 64].astype(np.uint8)
assert images.shape == (1797, 64) and images.max() == 16
np.save(f"{sys.argv[2]}/digits.npy", images)
np.save(f"{sys.argv[2]}/digits-queries.npy", images[:100])
np.save(f"{sys.argv[2]}/digits-labels.npy", labels)
