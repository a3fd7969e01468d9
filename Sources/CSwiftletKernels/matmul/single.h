// A single activation row: weights go from memory to dot products in registers, without a panel but for columns that are
// kept apart. The same bits as the panels' micro-kernel gives, since block sums are exact and the float arithmetic keeps its
// order.
#pragma once

#include "../panels/formats.h"
#include "group.h"
#include "integer.h"
#include "quantize.h"

/// The float arithmetic of up to SWL_SPAN blocks, a span, from their dot products on.
SWL_INLINE v16f swl_single_span(const swl_activations *x, const swl_panel *panel, const swl_single *single, size_t block,
                                size_t count, const int halves, const int minimums, const int wide, uint32_t bias,
                                v16f sum) {
    v16f part = swl_zero();
    v16i total = (v16i)(0);
    for (size_t b = 0; b < count; b++) {
        const int32_t *shift = &x->shifts[block + b], *halves_of = x->half_counts + (block + b) * 2;
        const size_t at = halves ? b * 2 : b;
        const v16i low = single->dots[at] + swl_start(halves ? halves_of[0] : x->counts[block + b], minimums, wide, bias);
        const v16i high = halves ? single->dots[at + 1] + swl_start(halves_of[1], minimums, wide, bias) : (v16i)(0);
        if (halves == swl_integer_half_scales) {
            total += swl_shift(swl_scale_pair(low, high, panel->scales.integers.pairs[b]), shift);
        } else {
            swl_scale_dots(&low, swl_scale_of(panel, at, halves), shift, 1, &part);
            if (halves) swl_scale_dots(&high, swl_scale_of(panel, at + 1, halves), shift, 1, &part);
        }
        if (minimums == swl_float_minimums)
            part = swl_fma(-swl_load(panel->minimums.floats[b]), swl_splat(x->sums[block + b]), part);
    }
    if (halves == swl_integer_half_scales) part = swl_load(panel->scales.integers.unit[0]) * swl_float(total);
    if (minimums == swl_integer_minimums) {
        const int32_t *lows = halves ? x->half_lows + block / 2 * 3 : x->lows + block / 4 * 3;
        swl_integer_lows(panel, 0, lows, 1, 1, halves, &part);
    }
    return swl_fma(part, swl_splat(x->units[block / SWL_SPAN]), sum);
}

SWL_INLINE void swl_single_group(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g,
                                 const int halves, const int minimums, const int wide) {
    const swl_activations *x = m->quantized;
    const size_t blocks = m->columns / 32;
    v16f sum = swl_zero();
    float rest[1][16] = {0};
    // One line of each page of the group after the next: a mapped file has small pages, and their translations take longer
    // to come than the data.
    for (size_t at = 0; at < g->next_bytes; at += 4096) __builtin_prefetch(g->next + g->next_bytes + at, 0, 2);
    for (size_t block = 0; block < blocks; block += SWL_SPAN) {
        const size_t count = blocks - block < SWL_SPAN ? blocks - block : SWL_SPAN, span = block / SWL_SPAN;
        swl_single single;
        single.values = x->values + block * 32;
        single.flags = x->flags + block;
        single.next = g->next_bytes ? g->next + g->next_bytes * block / blocks : (const char *)g->rows[0];
        format->single(g->rows, block, count, panel, &single);
        sum = swl_single_span(x, panel, &single, block, count, halves, minimums, wide, format->bias, sum);
        swl_integer_rests(panel, block * 8, x->rests + x->rest_starts[span], x->rests + x->rest_starts[span + 1], halves,
                          minimums, wide, format->bias, rest);
    }
    swl_put(m, g, 0, sum + swl_load(rest[0]));
}

static void swl_matmul_single(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g) {
    if (format->wide)
        swl_single_group(m, format, panel, g, 0, swl_no_minimums, 1);
    else if (format->halves == swl_half_scales)
        swl_single_group(m, format, panel, g, swl_half_scales, swl_no_minimums, 0);
    else if (format->halves)
        swl_single_group(m, format, panel, g, swl_integer_half_scales, swl_integer_minimums, 0);
    else if (format->minimums == swl_integer_minimums)
        swl_single_group(m, format, panel, g, 0, swl_integer_minimums, 0);
    else if (format->minimums)
        swl_single_group(m, format, panel, g, 0, swl_float_minimums, 0);
    else
        swl_single_group(m, format, panel, g, 0, swl_no_minimums, 0);
}
