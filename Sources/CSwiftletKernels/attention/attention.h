// Attention in blocks of 32 cells with an online softmax (Milakov and Gimelshein, 2018; FlashAttention), never a score matrix.
//
// For one query row and head, over blocks at absolute multiples of 32 cells that hold visible cells, in order:
//     s_c = dot(q, k_c) * scale                 the float dot product of matmul; cap * tanh(s / cap) with a soft cap
//     top' = max(top, s_c);  f = exp(top - top');  p_c = exp(s_c - top'), 0 for cells that are not visible
//     sum_lane = sum_lane * f + (p_lane + p_(lane + 16));  out = out * f, then out = fma(p_c, v_c, out) for c in order
// and at the end out / sum, where a sink adds exp(sink - top) to the sum. Keys and values are widened to float exactly.
// Rows without a visible cell become zeros.
#pragma once

#include "../common/math.h"
#include "../matmul/matmul.h"

#define SWL_CELLS SWL_ATTENTION_CELLS
_Static_assert(SWL_CELLS == 32, "scores of a block are two vectors");

typedef struct swl_attention_memory {
    float *keys;    // [2][head_size][16]
    float *values;  // [32][width], width = value_head_size rounded up to 16
    float *queries; // tiles of [head_size][T]
    float *outputs; // tiles of [width / 16][SWL_TILE][16]
    size_t width;
    float tops[SWL_ATTENTION_QUERIES];
    float sums[SWL_ATTENTION_QUERIES][16];
} swl_attention_memory;

SWL_INLINE const uint8_t *swl_cell(const void *const *pages, size_t cell, size_t per_page, size_t row_bytes) {
    return (const uint8_t *)pages[cell / per_page] + cell % per_page * row_bytes;
}

/// Bytes from the start of a cache row to element `index`.
SWL_INLINE size_t swl_cell_offset(uint32_t type, size_t index) {
    return type == 0 ? index * 4 : type == 1 ? index * 2 : index / 32 * 34;
}

static void swl_widen(uint32_t type, const uint8_t *from, size_t count, float *to) {
    if (type == 0) {
        memcpy(to, from, count * 4);
        return;
    }
    if (type == 1) {
        size_t i = 0;
        for (; i + 16 <= count; i += 16) {
            typedef uint16_t v16h __attribute__((ext_vector_type(16)));
            v16h h;
            memcpy(&h, from + i * 2, sizeof h);
            swl_store(to + i, swl_from_half(__builtin_convertvector(h, v16u)));
        }
        for (; i < count; i++) {
            uint16_t h;
            memcpy(&h, from + i * 2, 2);
            to[i] = swl_from_half_one(h);
        }
        return;
    }
    for (size_t b = 0; b < count / 32; b++, from += 34) {
        uint16_t h;
        v16b q[2];
        memcpy(&h, from, 2);
        memcpy(q, from + 2, 32);
        const v16f d = swl_splat(swl_from_half_one(h));
        for (size_t i = 0; i < 2; i++)
            swl_store(to + b * 32 + i * 16, d * swl_float(__builtin_convertvector(q[i], v16i)));
    }
}

/// Keys of 16 cells, transposed: [head_size][16].
static void swl_key_panel(uint32_t type, const uint8_t *const *rows, size_t head_size, float *to) {
    if (type != 8) {
        swl_panel_of_floats(type, rows, 0, head_size, (swl_float_panel *)to);
        return;
    }
    for (size_t b = 0; b < head_size / 32; b++) {
        v16u w[8];
        const v16f d = swl_from_half(swl_first(rows, b * 34) & 0xffffu);
        swl_rows(rows, b * 34 + 2, w);
        swl_rows(rows, b * 34 + 18, w + 4);
        for (uint32_t k = 0; k < 32; k++) {
            v16i q = (v16i)(w[k / 4] << (24 - k % 4 * 8)) >> 24;
            swl_store(to + (b * 32 + k) * 16, d * swl_float(q));
        }
    }
}

/// Scores of one tile and block, updated tops and sums, and the weights p as [32][T].
SWL_INLINE void swl_attention_scores(const swl_attention *a, swl_attention_memory *m, size_t first, size_t rows,
                                     size_t block, float *weights, float *factors) {
    const size_t heads = a->end_head - a->first_head;
    float parts[2][SWL_TILE][16], total[2][SWL_TILE][16] = {{{0}}};
    for (size_t column = 0; column < a->head_size; column += SWL_SEGMENT) {
        const size_t n = a->head_size - column < SWL_SEGMENT ? a->head_size - column : SWL_SEGMENT;
        for (size_t half = 0; half < 2; half++) {
            memset(parts[half], 0, sizeof parts[half]);
            swl_float_tile(m->keys + (half * a->head_size + column) * 16, 16, n,
                           m->queries + first * a->head_size + column * rows, rows, parts[half]);
            for (size_t t = 0; t < rows; t++)
                swl_store(total[half][t], swl_load(total[half][t]) + swl_load(parts[half][t]));
        }
    }
    const v16i lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    float before[16] = {0};
    for (size_t t = 0; t < rows; t++) {
        const int64_t *range = a->ranges + (a->first_row + (first + t) / heads) * 2;
        v16f s[2];
        for (size_t half = 0; half < 2; half++) {
            s[half] = swl_load(total[half][t]) * a->scale;
            if (a->softcap != 0) s[half] = swl_hyperbolic_tangent(s[half] / a->softcap) * a->softcap;
            int64_t start = (int64_t)(block * SWL_CELLS + half * 16);
            int64_t low = range[0] - start, high = range[1] - start;
            low = low < 0 ? 0 : low > 16 ? 16 : low;
            high = high < 0 ? 0 : high > 16 ? 16 : high;
            if (low > 0 || high < 16)
                s[half] = swl_select((lane >= (int32_t)low) & (lane < (int32_t)high), s[half], swl_splat(-INFINITY));
        }
        const float old = m->tops[first + t], block_top = swl_largest(swl_max(s[0], s[1]));
        const float top = block_top > old ? block_top : old, shift = top > -INFINITY ? top : 0.0f;
        m->tops[first + t] = top;
        before[t] = old - shift;
        swl_store(parts[0][t], swl_exp(s[0] - shift));
        swl_store(parts[1][t], swl_exp(s[1] - shift));
    }
    swl_store(factors, swl_exp(swl_load(before)));
    for (size_t t = 0; t < rows; t++) {
        v16f sum = swl_load(m->sums[first + t]) * factors[t];
        swl_store(m->sums[first + t], sum + (swl_load(parts[0][t]) + swl_load(parts[1][t])));
        for (size_t c = 0; c < SWL_CELLS; c++) weights[c * rows + t] = parts[c / 16][t][c % 16];
    }
}

static void swl_attention_block(const swl_attention *a, swl_attention_memory *m, size_t queries, size_t block, size_t low,
                                size_t high) {
    const size_t start = block * SWL_CELLS;
    const size_t from = low > start ? low - start : 0, to = high - start < SWL_CELLS ? high - start : SWL_CELLS;
    const uint8_t *rows[SWL_CELLS];
    const size_t key_offset = swl_cell_offset(a->type, a->kv_head * a->head_size);
    const size_t value_offset = swl_cell_offset(a->type, a->kv_head * a->value_head_size);
    // Cells that no row sees are not read: the nearest that is seen stands in, and its score is masked.
    for (size_t c = 0; c < SWL_CELLS; c++) {
        const size_t cell = start + (c < from ? from : c >= to ? to - 1 : c);
        rows[c] = swl_cell(a->key_pages, cell, a->positions_per_page, a->key_row_bytes) + key_offset;
    }
    swl_key_panel(a->type, rows, a->head_size, m->keys);
    swl_key_panel(a->type, rows + 16, a->head_size, m->keys + a->head_size * 16);
    for (size_t c = from; c < to; c++)
        swl_widen(a->type,
                  swl_cell(a->value_pages, start + c, a->positions_per_page, a->value_row_bytes) + value_offset,
                  a->value_head_size, m->values + c * m->width);
    for (size_t first = 0; first < queries; first += SWL_TILE) {
        const size_t count = queries - first < SWL_TILE ? queries - first : SWL_TILE;
        float weights[SWL_CELLS * SWL_TILE], factors[16];
        swl_attention_scores(a, m, first, count, block, weights, factors);
        for (size_t v = 0; v < m->width / 16; v++) {
            float(*out)[16] = (float(*)[16])(m->outputs + first * m->width + v * SWL_TILE * 16);
            for (size_t t = 0; t < count; t++) swl_store(out[t], swl_load(out[t]) * factors[t]);
            swl_float_tile(m->values + from * m->width + v * 16, m->width, to - from, weights + from * count, count, out);
        }
    }
}

SWL_INLINE size_t swl_width(size_t value_head_size) { return (value_head_size + 15) / 16 * 16; }

static void swl_attention_run(const swl_attention *a) {
    const size_t heads = a->end_head - a->first_head, queries = (a->end_row - a->first_row) * heads;
    swl_attention_memory memory, *m = &memory;
    m->width = swl_width(a->value_head_size);
    m->keys = a->scratch;
    m->values = m->keys + a->head_size * SWL_CELLS;
    m->queries = m->values + m->width * SWL_CELLS;
    m->outputs = m->queries + a->head_size * SWL_ATTENTION_QUERIES;
    memset(m->values, 0, m->width * SWL_CELLS * sizeof(float));
    memset(m->outputs, 0, m->width * SWL_ATTENTION_QUERIES * sizeof(float));
    memset(m->sums, 0, sizeof m->sums);
    int64_t low = INT64_MAX, high = 0;
    for (size_t row = a->first_row; row < a->end_row; row++) {
        if (a->ranges[row * 2] >= a->ranges[row * 2 + 1]) continue;
        low = a->ranges[row * 2] < low ? a->ranges[row * 2] : low;
        high = a->ranges[row * 2 + 1] > high ? a->ranges[row * 2 + 1] : high;
    }
    for (size_t q = 0; q < queries; q++) {
        const size_t first = q / SWL_TILE * SWL_TILE, t = q - first;
        const size_t rows = queries - first < SWL_TILE ? queries - first : SWL_TILE;
        const float *from = a->queries + (a->first_row + q / heads) * a->query_stride
                            + (a->first_head + q % heads) * a->head_size;
        for (size_t k = 0; k < a->head_size; k++) m->queries[first * a->head_size + k * rows + t] = from[k];
        m->tops[q] = -INFINITY;
    }
    if (low < high)
        for (size_t block = (size_t)low / SWL_CELLS; block * SWL_CELLS < (size_t)high; block++)
            swl_attention_block(a, m, queries, block, (size_t)low, (size_t)high);
    for (size_t q = 0; q < queries; q++) {
        const size_t head = a->first_head + q % heads, first = q / SWL_TILE * SWL_TILE, t = q - first;
        float sum = swl_sum(swl_load(m->sums[q])), factor = 1.0f;
        if (a->sinks) {
            const float sink = a->sinks[head], top = m->tops[q] > sink ? m->tops[q] : sink;
            float ends[16] = {m->tops[q] - top, sink - top};
            swl_store(ends, swl_exp(swl_load(ends)));
            factor = ends[0];
            sum = sum * factor + ends[1];
        }
        // A sum of zero means that the row saw nothing; NaN must stay visible.
        if (sum == 0) sum = 1.0f;
        float *to = a->output + (a->first_row + q / heads) * a->output_stride + head * a->value_head_size;
        for (size_t v = 0; v < m->width / 16; v++) {
            const size_t n = a->value_head_size - v * 16 < 16 ? a->value_head_size - v * 16 : 16;
            v16f out = swl_load(m->outputs + first * m->width + (v * SWL_TILE + t) * 16) * factor / sum;
            if (n == 16)
                swl_store(to + v * 16, out);
            else
                swl_store_part(to + v * 16, out, n);
        }
    }
}
