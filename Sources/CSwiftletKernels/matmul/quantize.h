// Activation rows to int8 blocks of 32, and to packed floats.
#pragma once

#include "../common/vector.h"
#include "../include/swl.h"

SWL_INLINE size_t swl_tile_rows(size_t tokens, size_t tile) {
    size_t rest = tokens - tile * SWL_TILE;
    return rest < SWL_TILE ? rest : SWL_TILE;
}

SWL_INLINE v16u swl_magnitude(v16f x) { return SWL_BITS_U(x) & 0x7fffffffu; }

static void swl_quantize(const float *x, size_t stride, const swl_activations *to, size_t tile) {
    const size_t rows = swl_tile_rows(to->tokens, tile), blocks = to->columns / 32, first = tile * SWL_TILE;
    for (size_t t = 0; t < rows; t++) {
        const float *row = x + (first + t) * stride;
        int8_t *values = to->values + first * to->columns + t * 4;
        for (size_t b = 0; b < blocks; b++) {
            v16f x0 = swl_load(row + b * 32), x1 = swl_load(row + b * 32 + 16);
            // The bits of magnitudes are ordered as the magnitudes are, with infinity and NaN at the end.
            v16u m0 = swl_magnitude(x0), m1 = swl_magnitude(x1);
            uint32_t bits = (uint32_t)__builtin_reduce_max(__builtin_elementwise_max(m0, m1));
            float largest = __builtin_bit_cast(float, bits), inverse = 127.0f / largest, scale = largest / 127.0f;
            if (bits < 0x0d800000u) scale = inverse = 0.0f;
            if (bits >= 0x7f800000u) {
                scale = NAN;
                inverse = 0.0f;
                x0 = x1 = swl_zero();
            }
            v16i q0 = swl_nearest(x0 * inverse), q1 = swl_nearest(x1 * inverse);
            v16b b0 = __builtin_convertvector(q0, v16b), b1 = __builtin_convertvector(q1, v16b);
            for (size_t i = 0; i < 4; i++) {
                memcpy(values + (b * 8 + i) * rows * 4, (const char *)&b0 + i * 4, 4);
                memcpy(values + (b * 8 + 4 + i) * rows * 4, (const char *)&b1 + i * 4, 4);
            }
            const int32_t c0 = __builtin_reduce_add(q0), c1 = __builtin_reduce_add(q1);
            const size_t at = first * blocks + b * rows + t, half = first * blocks * 2 + b * 2 * rows + t;
            to->scales[at] = scale;
            to->counts[at] = c0 + c1;
            to->sums[at] = scale * (float)(c0 + c1);
            to->half_counts[half] = c0;
            to->half_counts[half + rows] = c1;
            to->half_sums[half] = scale * (float)c0;
            to->half_sums[half + rows] = scale * (float)c1;
        }
    }
}

static void swl_pack(const float *x, size_t stride, size_t tokens, size_t columns, float *to, size_t tile) {
    const size_t rows = swl_tile_rows(tokens, tile), first = tile * SWL_TILE;
    float *out = to + first * columns;
    for (size_t t = 0; t < rows; t++) {
        const float *row = x + (first + t) * stride;
        for (size_t k = 0; k < columns; k++) out[k * rows + t] = row[k];
    }
}
