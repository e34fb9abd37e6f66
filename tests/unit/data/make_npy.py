"""Makes the .npy files of npy_test.cpp with NumPy itself: python3 make_npy.py (needs numpy, ml_dtypes)."""
import pathlib

import ml_dtypes
import numpy as np
from numpy.lib import format as npy_format

HERE = pathlib.Path(__file__).parent
COUNT = np.arange(6).reshape(2, 3)


def save(name, array, version=(1, 0)):
    with open(HERE / f"{name}.npy", "wb") as file:
        npy_format.write_array(file, array, version=version)


for dtype in "f4 f2 f8 i1 u1 i4 u4 i8 u8".split():
    save(f"numpy_{dtype}", COUNT.astype(f"<{dtype}"))
save("numpy_bool", COUNT % 2 == 1)
save("numpy_bf16", COUNT.astype(ml_dtypes.bfloat16))
save("numpy_c8", (COUNT + 1j * (COUNT + 10)).astype("<c8"))
save("numpy_fortran", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
save("numpy_big_endian", COUNT.astype(">f4"))
save("numpy_record", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
save("numpy_scalar", np.float32(7.5).reshape(()))
save("numpy_empty", np.zeros((0, 3), dtype="<f4"))
save("numpy_v2", COUNT.astype("<f4"), version=(2, 0))
save("numpy_v3", COUNT.astype("<f4"), version=(3, 0))
