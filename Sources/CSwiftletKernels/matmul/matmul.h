// A group of 16 weight rows times all activation rows: chunks of columns outside, tiles of activations inside, so that a
// panel is unpacked once and stays in the first cache level while all activations pass by.
#pragma once

#include "float.h"
#include "integer.h"
#include "quantize.h"

/// Columns of a segment of a float dot product.
#define SWL_SEGMENT 256

typedef struct swl_scratch {
    union {
        swl_panel integers;
        swl_float_panel floats;
    } panel;
    /// [tiles][2][SWL_TILE][16]: sum and low of each activation row.
    float totals[][2][SWL_TILE][16];
} swl_scratch;

/// Asks for the part of the next group's rows that matches the columns at hand, into the second cache level: the first is
/// full of panel and activations (into the first level it ran at half the speed).
SWL_INLINE void swl_prefetch(const swl_matmul *m, size_t done, size_t of, size_t all) {
    if (!m->next) return;
    const char *p = (const char *)m->next + m->next_bytes * done / all;
    const char *end = (const char *)m->next + m->next_bytes * (done + of) / all;
    for (; p < end; p += 64) __builtin_prefetch(p, 0, 2);
}

/// Pointers to the group's rows; a group of fewer rows repeats its last one.
SWL_INLINE void swl_row_pointers(const swl_matmul *m, const uint8_t *rows[SWL_GROUP]) {
    for (size_t r = 0; r < SWL_GROUP; r++)
        rows[r] = (const uint8_t *)m->weights + (r < m->rows ? r : m->rows - 1) * m->row_bytes;
}

SWL_INLINE void swl_put(const swl_matmul *m, size_t token, v16f value) {
    float *to = m->output + token * m->output_stride;
    if (m->rows == SWL_GROUP)
        swl_store(to, value);
    else
        swl_store_part(to, value, m->rows);
}

static void swl_matmul_integers(const swl_matmul *m) {
    const swl_format format = swl_format_of(m->type);
    swl_tile_function *const multiply = swl_tile_function_of(&format);
    const swl_activations *x = m->quantized;
    swl_scratch *scratch = m->scratch;
    swl_panel *panel = &scratch->panel.integers;
    const uint8_t *rows[SWL_GROUP];
    swl_row_pointers(m, rows);
    const size_t blocks = m->columns / 32, tiles = (m->tokens + SWL_TILE - 1) / SWL_TILE;
    // Few activation rows: small chunks, so that what is unpacked is used at once and prefetches come in small lots.
    const size_t chunk = m->tokens > 2 * SWL_TILE ? SWL_CHUNK / 32 : 8;
    memset(scratch->totals, 0, tiles * sizeof scratch->totals[0]);
    for (size_t block = 0; block < blocks; block += chunk) {
        const size_t count = blocks - block < chunk ? blocks - block : chunk;
        swl_prefetch(m, block, count, blocks);
        format.panel(rows, block, count, panel);
        for (size_t tile = 0; tile < tiles; tile++) {
            const size_t first = tile * SWL_TILE, n = swl_tile_rows(m->tokens, tile);
            const size_t at = first * blocks + block * n, half = at * 2;
            const size_t values = first * x->columns + block * 32 * n;
            const swl_tile_view view = {
                x->values + values, x->scales + at, x->sums + at, x->half_sums + half, x->counts + at,
                x->half_counts + half, x->rest_values + values, x->rest_scales + at, x->rest_counts + at,
                x->rest_half_counts + half, x->flags + tile * blocks + block, n,
            };
            multiply(panel, count, &view, format.bias, scratch->totals[tile][0], scratch->totals[tile][1]);
        }
    }
    for (size_t t = 0; t < m->tokens; t++) {
        float(*totals)[SWL_TILE][16] = scratch->totals[t / SWL_TILE];
        swl_put(m, t, swl_load(totals[0][t % SWL_TILE]) - swl_load(totals[1][t % SWL_TILE]));
    }
}

static void swl_matmul_floats(const swl_matmul *m) {
    swl_scratch *scratch = m->scratch;
    swl_float_panel *panel = &scratch->panel.floats;
    const uint8_t *rows[SWL_GROUP];
    swl_row_pointers(m, rows);
    const size_t tiles = (m->tokens + SWL_TILE - 1) / SWL_TILE;
    for (size_t tile = 0; tile < tiles; tile++) memset(scratch->totals[tile][0], 0, sizeof scratch->totals[tile][0]);
    for (size_t column = 0; column < m->columns; column += SWL_SEGMENT) {
        const size_t count = m->columns - column < SWL_SEGMENT ? m->columns - column : SWL_SEGMENT;
        if (m->tokens == 1) {
            float part[1][16] = {{0}}, *total = scratch->totals[0][0][0];
            // Small pieces, as for integers; a segment's sum runs on through them.
            for (size_t done = 0, piece = 32; done < count; done += piece) {
                const size_t n = count - done < piece ? count - done : piece;
                swl_prefetch(m, column + done, n, m->columns);
                swl_panel_of_floats(m->type, rows, column + done, n, panel);
                swl_float_tile(panel->values[0], 16, n, m->packed + column + done, 1, part);
            }
            swl_store(total, swl_load(total) + swl_load(part[0]));
            continue;
        }
        swl_prefetch(m, column, count, m->columns);
        swl_panel_of_floats(m->type, rows, column, count, panel);
        for (size_t tile = 0; tile < tiles; tile++) {
            const size_t first = tile * SWL_TILE, n = swl_tile_rows(m->tokens, tile);
            float parts[SWL_TILE][16] = {{0}};
            swl_float_tile(panel->values[0], 16, count, m->packed + first * m->columns + column * n, n, parts);
            for (size_t t = 0; t < n; t++) {
                float *total = scratch->totals[tile][0][t];
                swl_store(total, swl_load(total) + swl_load(parts[t]));
            }
        }
    }
    for (size_t t = 0; t < m->tokens; t++) swl_put(m, t, swl_load(scratch->totals[t / SWL_TILE][0][t % SWL_TILE]));
}

static void swl_matmul_group(const swl_matmul *m) {
    if (swl_kind_of(m->type) == swl_kind_integer)
        swl_matmul_integers(m);
    else
        swl_matmul_floats(m);
}

/// The values of one integer panel as floats, 32 columns at a time.
SWL_INLINE void swl_decode_block(const swl_panel *panel, size_t b, const swl_format *format, size_t at, size_t count,
                                 float *const *to) {
    for (size_t k = 0; k < 32; k++) {
        const size_t part = format->halves ? b * 2 + k / 16 : b;
        v16u byte = swl_byte(panel->values[b * 8 + k / 4], (int)(k % 4));
        v16i q = format->wide && SWL_SIGNED_PANELS ? (v16i)(byte << 24) >> 24 : (v16i)byte - format->bias;
        v16f w = swl_load(panel->scales[part]) * swl_float(q);
        if (format->minimums) w = w - swl_load(panel->minimums[part]);
        float lanes[16];
        swl_store(lanes, w);
        for (size_t r = 0; r < count; r++) to[r][at + k] = lanes[r];
    }
}

static void swl_decode_rows(uint32_t type, const void *const *from, size_t count, size_t columns, float *const *to,
                            void *memory) {
    swl_scratch *scratch = memory;
    const uint8_t *rows[SWL_GROUP];
    for (size_t r = 0; r < SWL_GROUP; r++) rows[r] = from[r < count ? r : count - 1];
    if (swl_kind_of(type) == swl_kind_float) {
        for (size_t column = 0; column < columns; column += SWL_CHUNK) {
            const size_t n = columns - column < SWL_CHUNK ? columns - column : SWL_CHUNK;
            swl_panel_of_floats(type, rows, column, n, &scratch->panel.floats);
            for (size_t k = 0; k < n; k++)
                for (size_t r = 0; r < count; r++) to[r][column + k] = scratch->panel.floats.values[k][r];
        }
        return;
    }
    const swl_format format = swl_format_of(type);
    const size_t blocks = columns / 32, chunk = SWL_CHUNK / 32;
    for (size_t block = 0; block < blocks; block += chunk) {
        const size_t n = blocks - block < chunk ? blocks - block : chunk;
        format.panel(rows, block, n, &scratch->panel.integers);
        for (size_t b = 0; b < n; b++)
            swl_decode_block(&scratch->panel.integers, b, &format, (block + b) * 32, count, to);
    }
}
