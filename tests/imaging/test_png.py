"""PNG files; Pillow reads them."""

import io

import numpy as np
import pytest
from PIL import Image

from oncommons.imaging.png import to_png


@pytest.mark.parametrize("shape", [(3, 5), (4, 7, 3), (1, 1)])
def test_a_picture_is_read_as_it_was_written(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(to_png(picture))) as found:
        found.load()
        assert np.array_equal(np.asarray(found), picture)
