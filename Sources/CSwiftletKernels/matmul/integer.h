// The micro-kernel of integer formats: a panel of 16 weight rows times up to SWL_STEP activation rows.
#pragma once

#include "../panels/formats.h"

/// Where a block's dot product begins: at minus the bias times the sum of values, which `count` is.
SWL_INLINE v16i swl_start(int32_t count, const int minimums, const int wide, uint32_t bias) {
    return SWL_IS_BIASED(minimums, wide) ? (v16i)((int32_t)((uint32_t)count << bias)) : (v16i)(0);
}

/// Part of one tile of activations: where the panel's columns begin. `rows` is the tile's T.
typedef struct swl_tile_view {
    const int8_t *values;
    const float *units, *sums;
    const int32_t *shifts, *counts, *half_counts, *lows, *half_lows;
    size_t rows;
} swl_tile_view;

/// Totals of one tile: sum and rest of each activation row.
typedef struct swl_totals {
    float sum[SWL_TILE][16], rest[SWL_TILE][16];
} swl_totals;

/// dot[T] = the sum over `length` times 4 columns.
SWL_INLINE void swl_integer_dots(const v16u *weights, const int8_t *quads, const int32_t *counts, const size_t length,
                                 const size_t steps, const size_t rows, const int minimums, const int wide, uint32_t bias,
                                 v16i *dot) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) dot[t] = swl_start(counts[t], minimums, wide, bias);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < length; k++) {
        const v16u w = weights[k];
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) dot[t] = swl_dot(dot[t], w, swl_quad(quads + (k * rows + t) * 4), wide);
    }
}

/// part[T] = fma(scale, 2^k dot, part[T])
SWL_INLINE void swl_scale_dots(const v16i *dot, v16f scale, const int32_t *shifts, const size_t steps, v16f *part) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) part[t] = swl_fma(scale, swl_float(swl_shift(dot[t], &shifts[t])), part[t]);
}

/// The sum of a block's two dot products times their scales.
SWL_INLINE v16i swl_scale_pair(v16i low, v16i high, v16u scales) {
    return swl_dot_pairs((v16i)(0), (SWL_BITS_U(low) & 0xffffu) | SWL_BITS_U(high) << 16, scales);
}

/// part[T] -= the integer minimums of the span that begins at block b; its three int8 of each low by Horner's rule.
SWL_INLINE void swl_integer_lows(const swl_panel *panel, size_t b, const int32_t *lows, const size_t steps, const size_t rows,
                                 const int halves, v16f *part) {
    const size_t count = halves ? 4 : 2;
    const v16u *weights = panel->minimums.integers.bytes + b / SWL_SPAN * count;
    v16i low[SWL_STEP];
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) low[t] = (v16i)(0);
#pragma clang loop unroll(full)
    for (size_t plane = 0; plane < 3; plane++) {
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) low[t] = low[t] << 8;
#pragma clang loop unroll(full)
        for (size_t i = 0; i < count; i++) {
#pragma clang loop unroll(full)
            for (size_t t = 0; t < steps; t++) low[t] = swl_dot(low[t], weights[i], lows[(i * 3 + plane) * rows + t], 0);
        }
    }
    const v16f unit = -swl_load(panel->minimums.integers.unit[b / SWL_SPAN]);
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) part[t] = swl_fma(unit, swl_float(low[t]), part[t]);
}

/// Adds to sum[T] (16 weight rows each) for `steps` activation rows from `first` on; what was there does not count where it
/// is `fresh`. steps, rows, halves, minimums and wide are constants wherever it is used.
SWL_INLINE void swl_integer_step(const swl_panel *panel, size_t blocks, const swl_tile_view *x, size_t first,
                                 const size_t steps, const size_t rows, const int halves, const int minimums,
                                 const int wide, uint32_t bias, int fresh, swl_totals *totals) {
    const float *units = x->units + first;
    v16f sum[SWL_STEP];
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) sum[t] = fresh ? swl_zero() : swl_load(totals->sum[first + t]);
    for (size_t b = 0; b < blocks; units += rows) {
        const size_t begin = b, end = b + SWL_SPAN < blocks ? b + SWL_SPAN : blocks;
        v16f part[SWL_STEP];
        v16i total[SWL_STEP];
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) part[t] = swl_zero(), total[t] = (v16i)(0);
        for (; b < end; b++) {
            const v16u *weights = panel->values + b * 8;
            const int8_t *quads = x->values + (b * 8 * rows + first) * 4;
            const int32_t *shifts = x->shifts + b * rows + first, *counts = x->half_counts + b * 2 * rows + first;
            v16i low[SWL_STEP], high[SWL_STEP];
            if (halves) {
                swl_integer_dots(weights, quads, counts, 4, steps, rows, minimums, wide, bias, low);
                if (halves == swl_half_scales) swl_scale_dots(low, swl_scale_of(panel, b * 2, halves), shifts, steps, part);
                swl_integer_dots(weights + 4, quads + 16 * rows, counts + rows, 4, steps, rows, minimums, wide, bias, high);
                if (halves == swl_half_scales) swl_scale_dots(high, swl_scale_of(panel, b * 2 + 1, halves), shifts, steps, part);
            } else {
                swl_integer_dots(weights, quads, x->counts + b * rows + first, 8, steps, rows, minimums, wide, bias, low);
                swl_scale_dots(low, swl_scale_of(panel, b, halves), shifts, steps, part);
            }
            if (halves == swl_integer_half_scales) {
                const v16u pair = panel->scales.integers.pairs[b];
#pragma clang loop unroll(full)
                for (size_t t = 0; t < steps; t++) total[t] += swl_shift(swl_scale_pair(low[t], high[t], pair), &shifts[t]);
            }
            if (minimums == swl_float_minimums) {
                const v16f m = -swl_load(panel->minimums.floats[b]);
                const float *sums = x->sums + b * rows + first;
#pragma clang loop unroll(full)
                for (size_t t = 0; t < steps; t++) part[t] = swl_fma(m, swl_splat(sums[t]), part[t]);
            }
        }
        if (halves == swl_integer_half_scales) {
            const v16f unit = swl_load(panel->scales.integers.unit[begin / SWL_SPAN]);
#pragma clang loop unroll(full)
            for (size_t t = 0; t < steps; t++) part[t] = unit * swl_float(total[t]);
        }
        if (minimums == swl_integer_minimums) {
            const int32_t *lows = halves ? x->half_lows + begin / 2 * 3 * rows : x->lows + begin / 4 * 3 * rows;
            swl_integer_lows(panel, begin, lows + first, steps, rows, halves, part);
        }
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) sum[t] = swl_fma(part[t], swl_splat(units[t]), sum[t]);
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) swl_store(totals->sum[first + t], sum[t]);
}

/// Adds to rest[T] what four columns at a time have beyond their int8; the panel begins at column / 4 = `first`.
SWL_INLINE void swl_integer_rests(const swl_panel *panel, size_t first, const swl_rest *rest, const swl_rest *end,
                                  const int halves, const int minimums, const int wide, uint32_t bias,
                                  float (*totals)[16]) {
    for (; rest < end; rest++) {
        const size_t k = rest->place / SWL_TILE - first, scale = k / (halves ? 4 : 8);
        int32_t count = rest->count;
        v16i dot = swl_dot(swl_start(count, minimums, wide, bias), panel->values[k], rest->values, wide);
        // Others of the same 16 columns are rare: a branch is better than to wait for the dot product before.
        for (; rest->goes_on; count += rest->count) {
            rest++;
            const v16i sum = dot + swl_start(rest->count, minimums, wide, bias);
            dot = swl_dot(sum, panel->values[rest->place / SWL_TILE - first], rest->values, wide);
        }
        float *total = totals[rest->place % SWL_TILE];
        v16f value = swl_scale_of(panel, scale, halves) * swl_float(dot);
        if (minimums == swl_float_minimums)
            value = swl_fma(swl_minimum(panel, scale, halves, minimums), swl_splat((float)count), value);
        swl_store(total, swl_fma(value, swl_splat(rest->step), swl_load(total)));
    }
}

/// All rows of a tile: constants for the steps that a full tile takes and for a single row, others by remainder.
SWL_INLINE void swl_integer_tile(const swl_panel *panel, size_t blocks, const swl_tile_view *x, const int halves,
                                 const int minimums, const int wide, uint32_t bias, int fresh, swl_totals *totals) {
    // Dot products with 16 columns, and totals beside them, want the registers.
    const size_t step = SWL_STEP > 4 && halves == swl_integer_half_scales ? 4 : SWL_STEP;
#define SWL_STEPS(n, rows) \
    swl_integer_step(panel, blocks, x, first, n, rows, halves, minimums, wide, bias, fresh, totals)
    size_t first = 0;
    if (x->rows == 1) {
        SWL_STEPS(1, 1);
        return;
    }
    if (x->rows == SWL_TILE) {
        for (; first < SWL_TILE; first += step) SWL_STEPS(step, SWL_TILE);
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

/// A tile's product with a panel, and with the panel from column / 4 = `first` on what it has beyond its int8.
typedef void swl_tile_function(const swl_panel *panel, size_t blocks, const swl_tile_view *x, uint32_t bias, int fresh,
                               swl_totals *totals);
typedef void swl_rest_function(const swl_panel *panel, size_t first, const swl_rest *rest, const swl_rest *end, uint32_t bias,
                               float (*totals)[16]);

#define SWL_TILES(name, halves, minimums, wide)                                                                       \
    static void swl_tile_##name(const swl_panel *panel, size_t blocks, const swl_tile_view *x, uint32_t bias,          \
                                int fresh, swl_totals *totals) {                                                      \
        swl_integer_tile(panel, blocks, x, halves, minimums, wide, bias, fresh, totals);                                     \
    }                                                                                                                 \
    static void swl_rest_##name(const swl_panel *panel, size_t first, const swl_rest *rest, const swl_rest *end,       \
                                uint32_t bias, float (*totals)[16]) {                                                 \
        swl_integer_rests(panel, first, rest, end, halves, minimums, wide, bias, totals);                             \
    }

SWL_TILES(plain, 0, swl_no_minimums, 0)
SWL_TILES(float_minimums, 0, swl_float_minimums, 0)
SWL_TILES(integer_minimums, 0, swl_integer_minimums, 0)
SWL_TILES(wide, 0, swl_no_minimums, 1)
SWL_TILES(halves, swl_half_scales, swl_no_minimums, 0)
SWL_TILES(integer_halves, swl_integer_half_scales, swl_integer_minimums, 0)
#undef SWL_TILES

typedef struct swl_tile_functions {
    swl_tile_function *multiply;
    swl_rest_function *add_rests;
} swl_tile_functions;

SWL_INLINE swl_tile_functions swl_tile_functions_of(const swl_format *format) {
#define SWL_TILES(name) return (swl_tile_functions){swl_tile_##name, swl_rest_##name}
    if (format->wide) SWL_TILES(wide);
    if (format->halves == swl_half_scales) SWL_TILES(halves);
    if (format->halves) SWL_TILES(integer_halves);
    switch (format->minimums) {
    case swl_integer_minimums: SWL_TILES(integer_minimums);
    case swl_float_minimums: SWL_TILES(float_minimums);
    default: SWL_TILES(plain);
    }
#undef SWL_TILES
}
