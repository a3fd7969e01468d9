// The micro-kernel of float weights: a few weight rows times a few activation rows, straight from where they lie. Lanes
// are columns modulo 16, so nothing is transposed but the sums, once a segment.
#pragma once

#include "load.h"
#include "round.h"

/// Activation rows of a tile, and the weight rows that go with `tokens` of them: as many sums as registers hold.
#if defined(SWL_AVX512)
#define SWL_FLOAT_TOKENS 6
#define SWL_FLOAT_ROWS(tokens) 4
#define SWL_TYPE_TOKENS(type) SWL_FLOAT_TOKENS
#else
// Two parts of a pair take more of few registers.
#define SWL_TYPE_TOKENS(type) ((type) == swl_bf16 ? 2 : SWL_FLOAT_TOKENS)
#define SWL_FLOAT_TOKENS 3
#define SWL_FLOAT_ROWS(tokens) ((tokens) == 1 ? 4 : 2)
#endif

/// `rows` weight rows times `tokens` activation rows, `stride` bytes apart: floats, or for BF16 weights BF16 (see round.h).
typedef struct swl_dots {
    const uint8_t *rows[4], *x;
    size_t stride, columns;
    const char *next; // what is read after these rows, asked for in passing
} swl_dots;

/// Sixteen columns, or the last `count` of a row and zeros: sums[t * rows + r] = fma(w[r], x[t], ...).
SWL_INLINE void swl_dots_step(const swl_dots *dots, size_t column, size_t count, const uint32_t type,
                              const size_t rows, const size_t tokens, v16f *sums) {
    v16f w[4];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *from = dots->rows[r] + column * swl_float_bytes(type);
        w[r] = count == 16 ? swl_load_floats(from, type) : swl_load_some_floats(from, count, type);
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) {
        const float *from = (const float *)(dots->x + t * dots->stride) + column;
        const v16f x = count == 16 ? swl_load(from) : swl_load_part(from, count, 0.0f);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sums[t * rows + r] = swl_fma(w[r], x, sums[t * rows + r]);
    }
}

/// Thirty-two columns of BF16, or the last `count` of a row and zeros, in pairs.
SWL_INLINE void swl_pairs_step(const swl_dots *dots, size_t column, size_t count, const size_t rows, const size_t tokens,
                               v16f *sums) {
    const uint8_t *from = dots->x + column * SWL_ROUNDED_BYTES;
#if defined(SWL_AVX512_BF16)
    v16u w[4];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) w[r] = swl_load_pairs(dots->rows[r] + column * 2, count);
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) {
        const v16u x = swl_load_pairs(from + t * dots->stride, 32);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sums[t * rows + r] = swl_add_pairs(sums[t * rows + r], w[r], x);
    }
#else
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 2; part++) {
        v16f numbers[4];
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            const v16u w = swl_load_pairs(dots->rows[r] + column * 2, count);
            numbers[r] = SWL_BITS_F(part == 0 ? w & 0xffff0000u : w << 16);
        }
#pragma clang loop unroll(full)
        for (size_t t = 0; t < tokens; t++) {
            const v16f x = swl_load((const float *)(from + t * dots->stride) + part * 16);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) sums[t * rows + r] = swl_fma(numbers[r], x, sums[t * rows + r]);
        }
    }
#endif
}

/// to[t * rows + r] = weight row r times activation row t. `near`: what is next is asked for into the first
/// cache level, not the second.
SWL_INLINE void swl_dots_run(const swl_dots *dots, const uint32_t type, const size_t rows, const size_t tokens,
                             const int near, float *to) {
    v16f sums[24];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows * tokens; i++) sums[i] = swl_zero();
    size_t column = 0;
    const char *next = dots->next;
    for (; column + 32 <= dots->columns; column += 32) {
        const size_t bytes = rows * 32 * swl_float_bytes(type);
#pragma clang loop unroll(full)
        for (size_t line = 0; line < bytes; line += 64) {
            if (near)
                __builtin_prefetch(next + line, 0, 3);
            else
                __builtin_prefetch(next + line, 0, 2);
        }
        next += bytes;
        if (type == swl_bf16) {
            swl_pairs_step(dots, column, 32, rows, tokens, sums);
            continue;
        }
        swl_dots_step(dots, column, 16, type, rows, tokens, sums);
        swl_dots_step(dots, column + 16, 16, type, rows, tokens, sums);
    }
    if (type == swl_bf16 && column < dots->columns) {
        swl_pairs_step(dots, column, dots->columns - column, rows, tokens, sums);
        column = dots->columns;
    }
    for (; column + 16 <= dots->columns; column += 16) swl_dots_step(dots, column, 16, type, rows, tokens, sums);
    if (column < dots->columns) swl_dots_step(dots, column, dots->columns - column, type, rows, tokens, sums);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows * tokens; i += 4) {
        const size_t last = rows * tokens - 1;
        const v4f four = swl_four_sums(sums[i], sums[i + 1 < last ? i + 1 : last], sums[i + 2 < last ? i + 2 : last],
                                  sums[i + 3 < last ? i + 3 : last]);
        memcpy(to + i, &four, sizeof four);
    }
}
