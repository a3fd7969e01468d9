// Attention in blocks of 128 cells, never a score matrix (after Milakov and Gimelshein, 2018; FlashAttention).
//
// For one query row and head, over blocks at absolute multiples of 128 cells that hold visible cells, in order; exponents are
// of 2, so scores carry the factor log2(e):
//     d_c = fma(k_c[i], q[i], d_c) over i in order from zero
//     s_c = d_c * (scale * log2 e); with a soft cap tanh(d_c * scale / cap) * (cap * log2 e); -inf for cells not visible
//     top_b = max s_c;  p_c = 2^(s_c - top_b)
//     lane l of sum_b = p_l + p_(l + 16) + ... in order;  out_b = fma(p_c, v_c, out_b) over c in order from zero
// and the block joins what came before:
//     top' = max(top, top_b);  f = 2^(top - top');  g = 2^(top_b - top')
//     sum = fma(sum_b, g, sum * f);  out = fma(out_b, g, out * f);  top = top'
// At the end out * (1 / sum), where a sink adds 2^(sink * log2 e - top) to the sum. Keys and values are widened to float
// exactly. Rows without a visible cell become zeros. A block's own figures need nothing of the blocks before it: few rows over many
// cells are shared out among workers by blocks (`partials`), and joined in the same order to the same bits.
#pragma once

#include "panels.h"
#include "softmax.h"

/// Queries up to which the cache's own type is multiplied.
#define SWL_DIRECT (4 * SWL_QUERIES)

typedef struct swl_attention_memory {
    uint8_t *keys;    // F32 panel [head_size][128]
    uint8_t *values;  // F32 panel [128][width]
    float *queries;   // tiles of [head_size / 128][SWL_QUERIES][SWL_PITCH]
    float *outputs;   // [queries][width]
    float *scores;    // [SWL_QUERIES][128]
    float *scales;    // Q8_0: [head_size / 32][128]
    float *value_scales;
    size_t width, tile_size;
    float tops[SWL_ATTENTION_QUERIES + 16];
    float sums[SWL_ATTENTION_QUERIES + 16][16];
} swl_attention_memory;

/// Rows' ranges together: the cells that a tile or a call must look at.
typedef struct swl_seen {
    size_t low, high;
} swl_seen;

static swl_seen swl_seen_of(const swl_attention *a, size_t first_row, size_t end_row) {
    int64_t low = INT64_MAX, high = 0;
    for (size_t row = first_row; row < end_row; row++) {
        if (a->ranges[row * 2] >= a->ranges[row * 2 + 1]) continue;
        low = a->ranges[row * 2] < low ? a->ranges[row * 2] : low;
        high = a->ranges[row * 2 + 1] > high ? a->ranges[row * 2 + 1] : high;
    }
    if (low >= high) return (swl_seen){0, 0};
    return (swl_seen){(size_t)low, (size_t)high};
}

SWL_INLINE swl_seen swl_within(swl_seen s, size_t low, size_t high) {
    s.low = s.low < low ? low : s.low;
    s.high = s.high > high ? high : s.high;
    return s.low < s.high ? s : (swl_seen){low, low};
}

/// Floats of one query's share of one block in `partials`: top, sums in lanes, product.
SWL_INLINE size_t swl_partial_size(size_t width) { return 32 + width; }

SWL_INLINE float *swl_partial_at(const swl_attention *a, size_t block, size_t query) {
    const size_t heads = a->end_head - a->first_head, queries = (a->end_row - a->first_row) * heads;
    return a->partials + ((block - a->partial_block) * queries + query) * swl_partial_size(swl_width(a->value_head_size));
}

static swl_attention_memory swl_attention_memory_at(const swl_attention *a) {
    swl_attention_memory m;
    float *at = a->scratch;
    m.width = swl_width(a->value_head_size);
    m.tile_size = (a->head_size + SWL_PITCH - 1) / SWL_PITCH * (SWL_QUERIES * SWL_PITCH);
    m.scores = at;
    at += SWL_QUERIES * SWL_PITCH;
    m.queries = at;
    at += SWL_ATTENTION_QUERIES / SWL_QUERIES * m.tile_size;
    m.outputs = at;
    at += SWL_ATTENTION_QUERIES * m.width;
    m.scales = at;
    at += (a->head_size + 31) / 32 * SWL_CELLS;
    m.value_scales = at;
    at += (m.width + 31) / 32 * SWL_CELLS;
    m.keys = (uint8_t *)at;
    m.values = (uint8_t *)(at + a->head_size * SWL_CELLS);
    return m;
}

/// One tile of queries over the visible cells of one block; `next` is the block after it.
static void swl_attention_tile(const swl_attention *a, swl_attention_memory *m, const swl_block *b, size_t first,
                               size_t count, size_t block, const swl_block *next) {
    const size_t heads = a->end_head - a->first_head, start = block * SWL_CELLS;
    const swl_seen seen = swl_within(
        swl_seen_of(a, a->first_row + first / heads, a->first_row + (first + count - 1) / heads + 1), start,
        start + SWL_CELLS);
    if (seen.low == seen.high && !a->partials) return;
    const size_t low = seen.low - start, high = seen.high - start, from = low / 16 * 16, to = (high + 15) / 16 * 16;
    float before[16], now[16];
    const swl_strip keys = {
        .data = b->keys, .pitch = SWL_CELLS, .scales = m->scales, .ahead = b->values, .steps = a->head_size,
        .x = m->queries + first / SWL_QUERIES * m->tile_size, .to = m->scores, .to_pitch = SWL_PITCH,
    };
    if (b->type == 8) swl_ask_for_scales(b->value_scales, a->value_head_size);
    swl_strip_run(b->type, 1, &keys, count, from, to);
    swl_softmax_tile(a, m->scores, first, count, block, from, to, m->sums + first, m->tops + first, before, now);
    swl_strip values = {
        .data = b->values + low * m->width * swl_element(b->type), .pitch = m->width, .scales = m->value_scales + low,
        .ahead = next->keys, .steps = high - low, .x = m->scores + low, .to = m->outputs + first * m->width,
        .to_pitch = m->width, .before = before, .now = now,
    };
    if (a->partials) {
        for (size_t t = 0; t < count; t++) {
            float *partial = swl_partial_at(a, block, first + t);
            partial[0] = m->tops[first + t];
            memcpy(partial + 16, m->sums[first + t], sizeof m->sums[0]);
        }
        values.before = values.now = NULL;
        values.to = swl_partial_at(a, block, first) + 32;
        values.to_pitch = swl_partial_size(m->width);
    }
    if (b->type == 8) {
        swl_widen_scales(b->value_scales, a->value_head_size, m->value_scales);
        swl_ask_for_scales(next->key_scales, a->head_size);
    }
    swl_strip_run(b->type, 0, &values, count, 0, m->width);
}

static void swl_pack_queries(const swl_attention *a, swl_attention_memory *m, size_t queries) {
    const size_t heads = a->end_head - a->first_head;
    for (size_t q = 0; q < queries; q++) {
        const float *from = a->queries + (a->first_row + q / heads) * a->query_stride
                            + (a->first_head + q % heads) * a->head_size;
        float *to = m->queries + q / SWL_QUERIES * m->tile_size + q % SWL_QUERIES * SWL_PITCH;
        for (size_t k = 0; k < a->head_size; k += SWL_PITCH, to += SWL_QUERIES * SWL_PITCH)
            memcpy(to, from + k, (a->head_size - k < SWL_PITCH ? a->head_size - k : SWL_PITCH) * sizeof(float));
    }
}

/// out / sum, with the sink, to its place in the output.
static void swl_attention_finish(const swl_attention *a, size_t q, float top, const float *sums, const float *out) {
    const size_t heads = a->end_head - a->first_head, head = a->first_head + q % heads;
    float sum = swl_sum(swl_load(sums)), factor = 1.0f;
    if (a->sinks) {
        const float sink = a->sinks[head] * SWL_LOG2E, larger = top > sink ? top : sink;
        float ends[16] = {top - larger, sink - larger};
        swl_store(ends, swl_power_of_two(swl_load(ends)));
        factor = ends[0];
        sum = sum * factor + ends[1];
    }
    // A sum of zero means that the row saw nothing; NaN must stay visible.
    if (sum == 0) sum = 1.0f;
    factor = factor / sum;
    float *to = a->output + (a->first_row + q / heads) * a->output_stride + head * a->value_head_size;
    for (size_t v = 0; v < a->value_head_size; v += 16) {
        const size_t n = a->value_head_size - v < 16 ? a->value_head_size - v : 16;
        const v16f whole = swl_load(out + v) * factor;
        if (n == 16)
            swl_store(to + v, whole);
        else
            swl_store_part(to + v, whole, n);
    }
}

static void swl_attention_run(const swl_attention *a) {
    const size_t heads = a->end_head - a->first_head, queries = (a->end_row - a->first_row) * heads;
    swl_attention_memory memory = swl_attention_memory_at(a), *m = &memory;
    swl_pack_queries(a, m, queries);
    memset(m->sums, 0, queries * sizeof m->sums[0]);
    memset(m->outputs, 0, queries * m->width * sizeof(float));
    for (size_t q = 0; q < queries; q++) m->tops[q] = -INFINITY;
    const swl_seen span = swl_within(swl_seen_of(a, a->first_row, a->end_row), a->first_cell, a->end_cell);
    // Few tiles multiply what the cache holds; for many it is widened once.
    const int widen = a->rows || queries > SWL_DIRECT;
    for (size_t block = span.low / SWL_CELLS; block * SWL_CELLS < span.high; block++) {
        const size_t start = block * SWL_CELLS;
        const swl_seen seen = swl_within(span, start, start + SWL_CELLS);
        swl_block b = swl_block_at(a, block), next = b;
        if (widen) {
            swl_widen_keys(a, &b, start, seen.low - start, seen.high - start, m->scales, (float *)m->keys);
            swl_widen_values(a, &b, start, seen.low - start, seen.high - start, m->value_scales, (float *)m->values);
            b = next = (swl_block){.keys = m->keys, .values = m->values};
        } else {
            if (a->type == 8) swl_widen_scales(b.key_scales, a->head_size, m->scales);
            if (start + SWL_CELLS < span.high) next = swl_block_at(a, block + 1);
        }
        for (size_t first = 0; first < queries; first += SWL_QUERIES) {
            const size_t count = queries - first < SWL_QUERIES ? queries - first : SWL_QUERIES;
            swl_attention_tile(a, m, &b, first, count, block, &next);
        }
    }
    if (a->partials) return;
    for (size_t q = 0; q < queries; q++) swl_attention_finish(a, q, m->tops[q], m->sums[q], m->outputs + q * m->width);
}

/// Joins what calls with `partials` left of all blocks.
static void swl_attention_join(const swl_attention *a) {
    const size_t heads = a->end_head - a->first_head, queries = (a->end_row - a->first_row) * heads;
    const size_t width = swl_width(a->value_head_size);
    const swl_seen span = swl_seen_of(a, a->first_row, a->end_row);
    float *out = a->scratch;
    for (size_t q = 0; q < queries; q++) {
        float top = -INFINITY, sums[16] = {0};
        memset(out, 0, width * sizeof(float));
        for (size_t block = span.low / SWL_CELLS; block * SWL_CELLS < span.high; block++) {
            const float *partial = swl_partial_at(a, block, q);
            float before[16] = {0}, now[16] = {0};
            before[0] = top, now[0] = partial[0];
            swl_join_tops(before, now, &top, 1);
            swl_store(sums, swl_fma(swl_load(partial + 16), swl_splat(now[0]), swl_load(sums) * before[0]));
            for (size_t v = 0; v < width; v += 16)
                swl_store(out + v, swl_fma(swl_load(partial + 32 + v), swl_splat(now[0]), swl_load(out + v) * before[0]));
        }
        swl_attention_finish(a, q, top, sums, out);
    }
}
