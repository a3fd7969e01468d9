// The micro-kernel of float weights: a few weight rows times a few activation rows, straight from where they lie. Lanes
// are columns modulo 16, so nothing is transposed but the sums, once a segment.
#pragma once

#include "load.h"

/// Activation rows of a tile, and the weight rows that go with `tokens` of them: as many sums as registers hold.
#if defined(SWL_AVX512)
#define SWL_FLOAT_TOKENS 6
#define SWL_FLOAT_ROWS(tokens) 4
#else
#define SWL_FLOAT_TOKENS 3
#define SWL_FLOAT_ROWS(tokens) ((tokens) == 1 ? 4 : 2)
#endif

/// `rows` weight rows, `row_bytes` apart, times `tokens` activation rows, `stride` floats apart.
typedef struct swl_dots {
    const uint8_t *rows[4];
    const float *x;
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
        const float *from = dots->x + t * dots->stride + column;
        const v16f x = count == 16 ? swl_load(from) : swl_load_part(from, count, 0.0f);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sums[t * rows + r] = swl_fma(w[r], x, sums[t * rows + r]);
    }
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
        swl_dots_step(dots, column, 16, type, rows, tokens, sums);
        swl_dots_step(dots, column + 16, 16, type, rows, tokens, sums);
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
