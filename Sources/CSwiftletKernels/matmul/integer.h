// The micro-kernel of integer formats: a panel of 16 weight rows times up to SWL_STEP activation rows.
#pragma once

#include "../panels/formats.h"

/// Part of one tile of activations: where the panel's columns begin. `rows` is the tile's T.
typedef struct swl_tile_view {
    const int8_t *values;
    const float *scales, *sums, *half_sums;
    const int32_t *counts, *half_counts;
    const int8_t *rest_values;
    const float *rest_scales;
    const int32_t *rest_counts, *rest_half_counts;
    const uint8_t *flags;
    size_t rows;
} swl_tile_view;

/// sum[T] += dx * part of block b, for one set of the activations' int8.
SWL_INLINE void swl_integer_block(const swl_panel *panel, size_t b, const int8_t *quads, const float *scales,
                                  const int32_t *whole_counts, const int32_t *half_counts, size_t first,
                                  const size_t steps, const size_t rows, const int halves, const int minimums,
                                  const int wide, int32_t bias, v16f *sum) {
    const v16u *values = panel->values + b * 8;
    quads += (b * 8 * rows + first) * 4;
    scales += b * rows + first;
    v16f part[SWL_STEP];
#pragma clang loop unroll(full)
    for (int half = 0; half < 1 + halves; half++) {
        const int32_t *counts =
            halves ? half_counts + (b * 2 + (size_t)half) * rows + first : whole_counts + b * rows + first;
        const v16f scale = swl_load(panel->scales[halves ? b * 2 + (size_t)half : b]);
        v16i dot[SWL_STEP];
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) dot[t] = minimums ? (v16i)(0) : (v16i)(-bias * counts[t]);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < (halves ? 4 : 8); i++) {
            const size_t k = (size_t)half * 4 + i;
            const v16u w = values[k];
#pragma clang loop unroll(full)
            for (size_t t = 0; t < steps; t++) dot[t] = swl_dot(dot[t], w, swl_quad(quads + (k * rows + t) * 4), wide);
        }
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) {
            v16f value = swl_float(dot[t]);
            part[t] = half ? swl_fma(scale, value, part[t]) : scale * value;
        }
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) sum[t] = swl_fma(part[t], swl_splat(scales[t]), sum[t]);
}

/// Adds to sum[T] and low[T] (16 weight rows each) for `steps` activation rows from `first` on.
/// steps, rows, halves, minimums and wide are constants wherever it is used.
SWL_INLINE void swl_integer_step(const swl_panel *panel, size_t blocks, const swl_tile_view *x, size_t first,
                                 const size_t steps, const size_t rows, const int halves, const int minimums,
                                 const int wide, int32_t bias, float (*sums)[16], float (*lows)[16]) {
    if (minimums) {
        v16f low[SWL_STEP];
        const size_t parts = halves ? blocks * 2 : blocks;
        const float *xsums = (halves ? x->half_sums : x->sums) + first;
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) low[t] = swl_load(lows[first + t]);
        for (size_t b = 0; b < parts; b++) {
            v16f m = swl_load(panel->minimums[b]);
#pragma clang loop unroll(full)
            for (size_t t = 0; t < steps; t++) low[t] = swl_fma(m, swl_splat(xsums[b * rows + t]), low[t]);
        }
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) swl_store(lows[first + t], low[t]);
    }
    v16f sum[SWL_STEP];
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) sum[t] = swl_load(sums[first + t]);
    for (size_t b = 0; b < blocks; b++) {
        swl_integer_block(panel, b, x->values, x->scales, x->counts, x->half_counts, first, steps, rows, halves, minimums,
                          wide, bias, sum);
        if (__builtin_expect(x->flags[b], 0))
            swl_integer_block(panel, b, x->rest_values, x->rest_scales, x->rest_counts, x->rest_half_counts, first, steps,
                              rows, halves, minimums, wide, bias, sum);
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) swl_store(sums[first + t], sum[t]);
}

/// All rows of a tile: constants for the steps that a full tile takes and for a single row, others by remainder.
SWL_INLINE void swl_integer_tile(const swl_panel *panel, size_t blocks, const swl_tile_view *x, const int halves,
                                 const int minimums, const int wide, int32_t bias, float (*sums)[16],
                                 float (*lows)[16]) {
#define SWL_STEPS(n, rows) \
    swl_integer_step(panel, blocks, x, first, n, rows, halves, minimums, wide, bias, sums, lows)
    size_t first = 0;
    if (x->rows == 1) {
        SWL_STEPS(1, 1);
        return;
    }
    if (x->rows == SWL_TILE) {
        for (; first < SWL_TILE; first += SWL_STEP) SWL_STEPS(SWL_STEP, SWL_TILE);
        return;
    }
    for (; first + SWL_STEP <= x->rows; first += SWL_STEP) SWL_STEPS(SWL_STEP, x->rows);
    switch (x->rows - first) {
#if SWL_STEP > 4
    case 7: SWL_STEPS(7, x->rows); break;
    case 6: SWL_STEPS(6, x->rows); break;
    case 5: SWL_STEPS(5, x->rows); break;
    case 4: SWL_STEPS(4, x->rows); break;
#endif
#if SWL_STEP > 2
    case 3: SWL_STEPS(3, x->rows); break;
    case 2: SWL_STEPS(2, x->rows); break;
#endif
    case 1: SWL_STEPS(1, x->rows); break;
    default: break;
    }
#undef SWL_STEPS
}

static void swl_tile_plain(const swl_panel *p, size_t n, const swl_tile_view *x, int32_t bias, float (*s)[16],
                           float (*l)[16]) {
    swl_integer_tile(p, n, x, 0, 0, 0, bias, s, l);
}

static void swl_tile_minimums(const swl_panel *p, size_t n, const swl_tile_view *x, int32_t bias, float (*s)[16],
                              float (*l)[16]) {
    swl_integer_tile(p, n, x, 0, 1, 0, bias, s, l);
}

static void swl_tile_wide(const swl_panel *p, size_t n, const swl_tile_view *x, int32_t bias, float (*s)[16],
                          float (*l)[16]) {
    swl_integer_tile(p, n, x, 0, 0, 1, bias, s, l);
}

static void swl_tile_halves(const swl_panel *p, size_t n, const swl_tile_view *x, int32_t bias, float (*s)[16],
                            float (*l)[16]) {
    swl_integer_tile(p, n, x, 1, 0, 0, bias, s, l);
}

static void swl_tile_halves_minimums(const swl_panel *p, size_t n, const swl_tile_view *x, int32_t bias, float (*s)[16],
                                     float (*l)[16]) {
    swl_integer_tile(p, n, x, 1, 1, 0, bias, s, l);
}

typedef void swl_tile_function(const swl_panel *, size_t, const swl_tile_view *, int32_t, float (*)[16], float (*)[16]);

SWL_INLINE swl_tile_function *swl_tile_function_of(const swl_format *format) {
    if (format->wide) return swl_tile_wide;
    if (format->halves) return format->minimums ? swl_tile_halves_minimums : swl_tile_halves;
    return format->minimums ? swl_tile_minimums : swl_tile_plain;
}
