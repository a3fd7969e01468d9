// Float weights: a group of 16 weight rows times all activation rows, and rows decoded to floats.
#pragma once

#include "float.h"
#include "group.h"
#include "pack.h"

/// Columns of a segment of a float dot product.
#define SWL_SEGMENT 256

typedef struct swl_float_scratch {
    swl_float_panel panel;
    /// [tiles][SWL_TILE][16]: the sum of each activation row.
    float totals[][SWL_TILE][16];
} swl_float_scratch;

static void swl_float_group(const swl_matmul *m, const swl_group *g) {
    swl_float_scratch *scratch = m->scratch;
    swl_float_panel *panel = &scratch->panel;
    const size_t tiles = (m->tokens + SWL_TILE - 1) / SWL_TILE;
    memset(scratch->totals, 0, tiles * sizeof scratch->totals[0]);
    for (size_t column = 0; column < m->columns; column += SWL_SEGMENT) {
        const size_t count = m->columns - column < SWL_SEGMENT ? m->columns - column : SWL_SEGMENT;
        if (m->tokens == 1) {
            float part[1][16] = {{0}}, *total = scratch->totals[0][0];
            // Small pieces, as for integers; a segment's sum runs on through them.
            for (size_t done = 0, piece = 32; done < count; done += piece) {
                const size_t n = count - done < piece ? count - done : piece;
                swl_prefetch(g, column + done, n, m->columns);
                swl_panel_of_floats(m->type, g->rows, column + done, n, panel);
                swl_float_tile(panel->values[0], 16, n, m->packed + column + done, 1, part);
            }
            swl_store(total, swl_load(total) + swl_load(part[0]));
            continue;
        }
        swl_prefetch(g, column, count, m->columns);
        swl_panel_of_floats(m->type, g->rows, column, count, panel);
        for (size_t tile = 0; tile < tiles; tile++) {
            const size_t first = tile * SWL_TILE, n = swl_tile_rows(m->tokens, tile);
            float parts[SWL_TILE][16] = {{0}};
            swl_float_tile(panel->values[0], 16, count, m->packed + first * m->columns + column * n, n, parts);
            for (size_t t = 0; t < n; t++) {
                float *total = scratch->totals[tile][t];
                swl_store(total, swl_load(total) + swl_load(parts[t]));
            }
        }
    }
    for (size_t t = 0; t < m->tokens; t++) swl_put(m, g, t, swl_load(scratch->totals[t / SWL_TILE][t % SWL_TILE]));
}

static void swl_float_rows(const swl_matmul *m) {
    for (size_t row = 0; row < m->rows; row += SWL_GROUP) {
        const swl_group g = swl_group_at(m, row);
        swl_float_group(m, &g);
    }
}

/// Up to SWL_GROUP rows as floats.
static void swl_decode_floats(uint32_t type, const void *const *from, size_t count, size_t columns, float *const *to,
                              void *memory) {
    swl_float_panel *panel = &((swl_float_scratch *)memory)->panel;
    const uint8_t *rows[SWL_GROUP];
    for (size_t r = 0; r < SWL_GROUP; r++) rows[r] = from[r < count ? r : count - 1];
    for (size_t column = 0; column < columns; column += SWL_CHUNK) {
        const size_t n = columns - column < SWL_CHUNK ? columns - column : SWL_CHUNK;
        swl_panel_of_floats(type, rows, column, n, panel);
        for (size_t k = 0; k < n; k++)
            for (size_t r = 0; r < count; r++) to[r][column + k] = panel->values[k][r];
    }
}
