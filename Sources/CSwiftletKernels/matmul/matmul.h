// A group of 16 weight rows times all activation rows: chunks of columns outside, tiles of activations inside, so that a
// panel is unpacked once and stays in the first cache level while all activations pass by.
#pragma once

#include "../floats/rows.h"
#include "group.h"
#include "integer.h"
#include "single.h"

typedef struct swl_scratch {
    swl_panel panel;
    swl_totals totals[]; // a tile each
} swl_scratch;

SWL_INLINE swl_tile_view swl_view(const swl_activations *x, size_t tile, size_t block) {
    const size_t first = tile * SWL_TILE, n = swl_tile_rows(x->tokens, tile), blocks = x->columns / 32;
    const size_t at = first * blocks + block * n, half = at * 2, spans = swl_spans(x->columns);
    return (swl_tile_view){
        .values = x->values + first * x->columns + block * 32 * n,
        .units = x->units + first * swl_spans(x->columns) + block / SWL_SPAN * n,
        .sums = x->sums + at,
        .lows = x->lows + (first * spans + block / SWL_SPAN * n) * 2 * 3,
        .half_lows = x->half_lows + (first * spans + block / SWL_SPAN * n) * 4 * 3,
        .shifts = x->shifts + at,
        .counts = x->counts + at,
        .half_counts = x->half_counts + half,
        .rows = n,
    };
}

/// Tiles of activations times some blocks of a panel.
SWL_INLINE void swl_integer_chunk(const swl_matmul *m, const swl_format *format, const swl_group *g, size_t block,
                                  size_t count, const swl_panel *panel, swl_totals *all) {
    const swl_tile_functions kernels = swl_tile_functions_of(format);
    const swl_activations *x = m->quantized;
    const size_t blocks = m->columns / 32, spans = swl_spans(m->columns), tiles = (m->tokens + SWL_TILE - 1) / SWL_TILE;
    const size_t span = block / SWL_SPAN, end = span + (count + SWL_SPAN - 1) / SWL_SPAN;
    for (size_t tile = 0; tile < tiles; tile++) {
        swl_prefetch(g, block * tiles + tile * count, count, blocks * tiles);
        const swl_tile_view view = swl_view(x, tile, block);
        const int is_last = block + count == blocks;
        for (size_t t = 0; is_last && t < view.rows; t++)
            __builtin_prefetch(g->output + (tile * SWL_TILE + t) * m->output_stride, 1, 3);
        // Where one chunk is all, totals need not outlast their tile.
        swl_totals *totals = &all[count < blocks ? tile : 0];
        kernels.multiply(panel, count, &view, format->bias, block == 0, totals);
        const swl_rest *rests = x->rests + tile * SWL_TILE * (m->columns / 4);
        const uint32_t *starts = x->rest_starts + tile * (spans + 1);
        if (starts[spans] > 0) {
            if (block == 0) memset(totals->rest, 0, sizeof totals->rest);
            kernels.add_rests(panel, block * 8, rests + starts[span], rests + starts[end], format->bias, totals->rest);
        }
        for (size_t t = 0; is_last && t < view.rows; t++) {
            const v16f rest = starts[spans] > 0 ? swl_load(totals->rest[t]) : swl_zero();
            swl_put(m, g, tile * SWL_TILE + t, swl_load(totals->sum[t]) + rest);
        }
    }
}

static void swl_integer_group(const swl_matmul *m, const swl_format *format, const swl_group *g) {
    swl_scratch *scratch = m->scratch;
    const size_t blocks = m->columns / 32;
    // Few activation rows: small chunks, so that what is unpacked is used at once and prefetches come in small lots.
    const size_t chunk = m->tokens > 2 * SWL_TILE ? SWL_CHUNK / 32 : SWL_SPAN;
    for (size_t block = 0; block < blocks; block += chunk) {
        const size_t count = blocks - block < chunk ? blocks - block : chunk;
        format->panel(g->rows, block, count, &scratch->panel);
        swl_integer_chunk(m, format, g, block, count, &scratch->panel, scratch->totals);
    }
}

static void swl_matmul_rows(const swl_matmul *m) {
    if (swl_kind_of(m->type) != swl_kind_integer) {
        swl_float_rows(m);
        return;
    }
    const swl_format format = swl_format_of(m->type);
    for (size_t row = 0; row < m->rows; row += SWL_GROUP) {
        const swl_group g = swl_group_at(m, row);
        if (m->tokens == 1)
            swl_matmul_single(m, &format, &((swl_scratch *)m->scratch)->panel, &g);
        else
            swl_integer_group(m, &format, &g);
    }
}

/// The values of one integer panel as floats, 32 columns at a time.
SWL_INLINE void swl_decode_block(const swl_panel *panel, size_t b, const swl_format *format, size_t at, size_t count,
                                 float *const *to) {
    for (size_t k = 0; k < 32; k++) {
        const size_t part = format->halves ? b * 2 + k / 16 : b;
        v16u byte = swl_byte(panel->values[b * 8 + k / 4], (int)(k % 4));
        const int32_t bias = SWL_IS_BIASED(format->minimums, format->wide) ? 1 << format->bias : 0;
        v16i q = format->wide && SWL_SIGNED_PANELS ? (v16i)(byte << 24) >> 24 : (v16i)byte - bias;
        v16f w = swl_scale_of(panel, part, (int)format->halves) * swl_float(q);
        if (format->minimums) w = w - swl_minimum(panel, part, (int)format->halves, (int)format->minimums);
        float lanes[16];
        swl_store(lanes, w);
        for (size_t r = 0; r < count; r++) to[r][at + k] = lanes[r];
    }
}

static void swl_decode_rows(uint32_t type, const void *const *from, size_t count, size_t columns, float *const *to,
                            void *memory) {
    if (swl_kind_of(type) != swl_kind_integer) {
        swl_decode_floats(type, from, count, columns, to);
        return;
    }
    swl_panel *panel = &((swl_scratch *)memory)->panel;
    const uint8_t *rows[SWL_GROUP];
    for (size_t r = 0; r < SWL_GROUP; r++) rows[r] = from[r < count ? r : count - 1];
    const swl_format format = swl_format_of(type);
    const size_t blocks = columns / 32, chunk = SWL_CHUNK / 32;
    for (size_t block = 0; block < blocks; block += chunk) {
        const size_t n = blocks - block < chunk ? blocks - block : chunk;
        format.panel(rows, block, n, panel);
        for (size_t b = 0; b < n; b++) swl_decode_block(panel, b, &format, (block + b) * 32, count, to);
    }
}
