// Activation rows to int8 blocks of 32.
#pragma once

#include "../common/vector.h"
#include "../include/swl.h"

SWL_INLINE size_t swl_tile_rows(size_t tokens, size_t tile) {
    size_t rest = tokens - tile * SWL_TILE;
    return rest < SWL_TILE ? rest : SWL_TILE;
}

SWL_INLINE v16u swl_magnitude(v16f x) { return SWL_BITS_U(x) & 0x7fffffffu; }

/// The largest magnitude of a block, as bits: they are ordered as magnitudes are, with infinity and NaN at the end.
SWL_INLINE uint32_t swl_block_largest(v16f x0, v16f x1) {
    return (uint32_t)__builtin_reduce_max(__builtin_elementwise_max(swl_magnitude(x0), swl_magnitude(x1)));
}

/// Where a row's numbers of a tile lie: [..][T].
typedef struct swl_slot {
    size_t rows, at, half, values;
} swl_slot;

SWL_INLINE void swl_put_block(const swl_slot *slot, v16i q0, v16i q1, int8_t *values, int32_t *counts,
                              int32_t *half_counts) {
    v16b b0 = __builtin_convertvector(q0, v16b), b1 = __builtin_convertvector(q1, v16b);
    for (size_t i = 0; i < 4; i++) {
        memcpy(values + slot->values + i * slot->rows * 4, (const char *)&b0 + i * 4, 4);
        memcpy(values + slot->values + (4 + i) * slot->rows * 4, (const char *)&b1 + i * 4, 4);
    }
    const int32_t c0 = __builtin_reduce_add(q0), c1 = __builtin_reduce_add(q1);
    counts[slot->at] = c0 + c1;
    half_counts[slot->half] = c0;
    half_counts[slot->half + slot->rows] = c1;
}

/// Above which square of its largest magnitude a block of the row is quantized twice.
SWL_INLINE float swl_outlier_limit(const float *row, size_t blocks) {
    float total = 0.0f;
    for (size_t b = 0; b < blocks; b++) {
        const uint32_t bits = swl_block_largest(swl_load(row + b * 32), swl_load(row + b * 32 + 16));
        const float largest = __builtin_bit_cast(float, bits);
        if (bits < 0x7f800000u) total += largest * largest;
    }
    return SWL_OUTLIER * total / (float)blocks;
}

static void swl_quantize(const float *x, size_t stride, const swl_activations *to, size_t tile) {
    const size_t rows = swl_tile_rows(to->tokens, tile), blocks = to->columns / 32, first = tile * SWL_TILE;
    uint8_t *flags = to->flags + tile * blocks;
    float limits[SWL_TILE];
    for (size_t t = 0; t < rows; t++) limits[t] = swl_outlier_limit(x + (first + t) * stride, blocks);
    for (size_t b = 0; b < blocks; b++) {
        uint32_t bits[SWL_TILE];
        uint8_t flag = 0;
        for (size_t t = 0; t < rows; t++) {
            const float *from = x + (first + t) * stride + b * 32;
            bits[t] = swl_block_largest(swl_load(from), swl_load(from + 16));
            const float largest = __builtin_bit_cast(float, bits[t]);
            flag |= bits[t] < 0x7f800000u && bits[t] >= 0x20000000u && largest * largest > limits[t];
        }
        flags[b] = flag;
        for (size_t t = 0; t < rows; t++) {
            const float *from = x + (first + t) * stride + b * 32;
            v16f x0 = swl_load(from), x1 = swl_load(from + 16);
            const float largest = __builtin_bit_cast(float, bits[t]);
            float inverse = 127.0f / largest, scale = largest / 127.0f;
            if (bits[t] < 0x0d800000u) scale = inverse = 0.0f;
            if (bits[t] >= 0x7f800000u) {
                scale = NAN;
                inverse = 0.0f;
                x0 = x1 = swl_zero();
            }
            const swl_slot slot = {
                rows, first * blocks + b * rows + t, first * blocks * 2 + b * 2 * rows + t,
                first * to->columns + (b * 8 * rows + t) * 4,
            };
            v16i q0 = swl_nearest(x0 * inverse), q1 = swl_nearest(x1 * inverse);
            swl_put_block(&slot, q0, q1, to->values, to->counts, to->half_counts);
            to->scales[slot.at] = scale;
            float sum = scale * (float)to->counts[slot.at];
            float half0 = scale * (float)to->half_counts[slot.half];
            float half1 = scale * (float)to->half_counts[slot.half + rows];
            if (flag) {
                const int own = bits[t] < 0x7f800000u && bits[t] >= 0x20000000u && largest * largest > limits[t];
                const float finer = own ? scale / 254.0f : 0.0f, turn = own ? 254.0f / scale : 0.0f;
                const v16f rest0 = own ? x0 - swl_float(q0) * scale : swl_zero();
                const v16f rest1 = own ? x1 - swl_float(q1) * scale : swl_zero();
                v16i r0 = swl_nearest(rest0 * turn), r1 = swl_nearest(rest1 * turn);
                swl_put_block(&slot, r0, r1, to->rest_values, to->rest_counts, to->rest_half_counts);
                to->rest_scales[slot.at] = finer;
                if (own) {
                    sum += finer * (float)to->rest_counts[slot.at];
                    half0 += finer * (float)to->rest_half_counts[slot.half];
                    half1 += finer * (float)to->rest_half_counts[slot.half + rows];
                }
            }
            to->sums[slot.at] = sum;
            to->half_sums[slot.half] = half0;
            to->half_sums[slot.half + rows] = half1;
        }
    }
}
