// A single activation row: weights go from memory to dot products in registers, without a panel. The same bits as the
// panels' micro-kernel gives, since block sums are exact and the float arithmetic keeps its order.
#pragma once

#include "../panels/formats.h"
#include "group.h"
#include "integer.h"
#include "quantize.h"

/// The float arithmetic of up to SWL_SINGLE blocks, a span, from their dot products on.
SWL_INLINE void swl_single_span(const swl_activations *x, const swl_panel *panel, const swl_single *single, size_t block,
                                size_t count, const int halves, const int minimums, const int wide, uint32_t bias,
                                v16f *sum, v16f *rest) {
    v16f part = swl_zero();
    for (size_t b = 0; b < count; b++) {
        for (size_t i = halves ? b * 2 : b; i < (halves ? b * 2 + 2 : b + 1); i++) {
            const int32_t whole = halves ? x->half_counts[block * 2 + i] : x->counts[block + i];
            const v16i dot = swl_shift(single->dots[i] + swl_start(whole, minimums, wide, bias), &x->shifts[block + b]);
            part = swl_fma(swl_load(panel->scales[i]), swl_float(dot), part);
        }
        if (minimums == swl_float_minimums)
            part = swl_fma(-swl_load(panel->minimums.floats[b]), swl_splat(x->sums[block + b]), part);
        if (__builtin_expect(!x->flags[block + b], 1)) continue;
        for (size_t half = b * 2; half < b * 2 + 2; half++) {
            const size_t scale = halves ? half : b;
            const int32_t whole = x->rest_counts[block * 2 + half];
            const v16i dot = single->rests[half] + swl_start(whole, minimums, wide, bias);
            v16f value = swl_load(panel->scales[scale]) * swl_float(dot);
            if (minimums) value = swl_fma(swl_minimum(panel, scale, halves, minimums), swl_splat((float)whole), value);
            *rest = swl_fma(value, swl_splat(x->rest_steps[block + b]), *rest);
        }
    }
    if (minimums == swl_integer_minimums) {
        v16i low = (v16i)(0);
        for (size_t i = 0; i < (halves ? count : count / 2); i++)
            low = swl_dot_pairs(low, panel->minimums.integers.pairs[i],
                                halves ? x->half_pairs[block + i] : x->pairs[block + i * 2]);
        part = swl_fma(-swl_load(panel->minimums.integers.unit[0]), swl_float(low), part);
    }
    *sum = swl_fma(part, swl_splat(x->units[block / SWL_SPAN]), *sum);
}

SWL_INLINE void swl_single_group(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g,
                                 const int halves, const int minimums, const int wide) {
    const swl_activations *x = m->quantized;
    const size_t blocks = m->columns / 32;
    v16f sum = swl_zero(), rest = swl_zero();
    // One line of each page of the group after the next: a mapped file has small pages, and their translations take longer
    // to come than the data.
    for (size_t at = 0; at < g->next_bytes; at += 4096) __builtin_prefetch(g->next + g->next_bytes + at, 0, 2);
    for (size_t block = 0; block < blocks; block += SWL_SINGLE) {
        const size_t count = blocks - block < SWL_SINGLE ? blocks - block : SWL_SINGLE;
        swl_single single;
        single.values = x->values + block * 32;
        single.rest_values = x->rest_values + block * 32;
        single.flags = x->flags + block;
        single.next = g->next_bytes ? g->next + g->next_bytes * block / blocks : (const char *)g->rows[0];
        format->single(g->rows, block, count, panel, &single);
        swl_single_span(x, panel, &single, block, count, halves, minimums, wide, format->bias, &sum, &rest);
    }
    swl_put(m, g, 0, sum + rest);
}

static void swl_matmul_single(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g) {
    if (format->wide)
        swl_single_group(m, format, panel, g, 0, swl_no_minimums, 1);
    else if (format->halves && format->minimums)
        swl_single_group(m, format, panel, g, 1, swl_integer_minimums, 0);
    else if (format->halves)
        swl_single_group(m, format, panel, g, 1, swl_no_minimums, 0);
    else if (format->minimums == swl_integer_minimums)
        swl_single_group(m, format, panel, g, 0, swl_integer_minimums, 0);
    else if (format->minimums)
        swl_single_group(m, format, panel, g, 0, swl_float_minimums, 0);
    else
        swl_single_group(m, format, panel, g, 0, swl_no_minimums, 0);
}
