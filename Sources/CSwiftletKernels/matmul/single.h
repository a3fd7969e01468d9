// A single activation row: weights go from memory to dot products in registers, without a panel. The same bits as the
// panels' micro-kernel gives, since block sums are exact and the float arithmetic keeps its order.
#pragma once

#include "../panels/formats.h"
#include "group.h"
#include "quantize.h"

/// sum += dx * part of block b, for one set of the activation's int8.
SWL_INLINE v16f swl_single_block(const swl_panel *panel, size_t b, const v16i *dots, float scale, const int32_t *counts,
                                 const int32_t *half_counts, const int halves, int32_t bias, v16f sum) {
    v16f part;
    if (halves) {
        const v16f first = swl_float(dots[b * 2] - bias * half_counts[b * 2]);
        const v16f second = swl_float(dots[b * 2 + 1] - bias * half_counts[b * 2 + 1]);
        part = swl_fma(swl_load(panel->scales[b * 2 + 1]), second, swl_load(panel->scales[b * 2]) * first);
    } else {
        part = swl_load(panel->scales[b]) * swl_float(dots[b] - bias * counts[b]);
    }
    return swl_fma(part, swl_splat(scale), sum);
}

SWL_INLINE void swl_single_group(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g,
                                 const int halves, const int minimums) {
    const swl_activations *x = m->quantized;
    const size_t blocks = m->columns / 32;
    v16f sum = swl_zero(), low = swl_zero();
    // One line of each page of the group after the next: a mapped file has small pages, and their translations take longer
    // to come than the data.
    for (size_t at = 0; at < g->next_bytes; at += 4096) __builtin_prefetch(g->next + g->next_bytes + at, 0, 2);
    for (size_t block = 0; block < blocks; block += SWL_SINGLE) {
        const size_t count = blocks - block < SWL_SINGLE ? blocks - block : SWL_SINGLE, half = block * 2;
        swl_single single;
        single.values = x->values + block * 32;
        single.rest_values = x->rest_values + block * 32;
        single.flags = x->flags + block;
        single.next = g->next_bytes ? g->next + g->next_bytes * block / blocks : (const char *)g->rows[0];
        format->single(g->rows, block, count, panel, &single);
        if (minimums) {
            const float *sums = halves ? x->half_sums + half : x->sums + block;
            for (size_t b = 0; b < (halves ? count * 2 : count); b++)
                low = swl_fma(swl_load(panel->minimums[b]), swl_splat(sums[b]), low);
        }
        for (size_t b = 0; b < count; b++) {
            sum = swl_single_block(panel, b, single.dots, x->scales[block + b], x->counts + block, x->half_counts + half,
                                   halves, format->bias, sum);
            if (__builtin_expect(x->flags[block + b], 0))
                sum = swl_single_block(panel, b, single.rests, x->rest_scales[block + b], x->rest_counts + block,
                                       x->rest_half_counts + half, halves, format->bias, sum);
        }
    }
    swl_put(m, g, 0, sum - low);
}

static void swl_matmul_single(const swl_matmul *m, const swl_format *format, swl_panel *panel, const swl_group *g) {
    if (format->halves && format->minimums)
        swl_single_group(m, format, panel, g, 1, 1);
    else if (format->halves)
        swl_single_group(m, format, panel, g, 1, 0);
    else if (format->minimums)
        swl_single_group(m, format, panel, g, 0, 1);
    else
        swl_single_group(m, format, panel, g, 0, 0);
}
