// Activation rows to packed floats.
#pragma once

#include "quantize.h"

static void swl_pack(const float *x, size_t stride, size_t tokens, size_t columns, float *to, size_t tile) {
    const size_t rows = swl_tile_rows(tokens, tile), first = tile * SWL_TILE;
    float *out = to + first * columns;
    for (size_t t = 0; t < rows; t++) {
        const float *row = x + (first + t) * stride;
        for (size_t k = 0; k < columns; k++) out[k * rows + t] = row[k];
    }
}
