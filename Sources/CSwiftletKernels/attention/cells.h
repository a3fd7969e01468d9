// How a page of the cache lies in memory, and the writing of one cell.
//
// A page holds the key/value heads one after another, a head's cells in blocks of SWL_ATTENTION_CELLS:
//     keys    [heads][blocks][head_size][128 cells]      cells are lanes, as the kernels want them
//     values  [heads][blocks][128 cells][width]          width = value_head_size rounded up to 16
// Q8_0 keeps the scales of a block before its bytes: half [head_size / 32][128 cells], then int8 as above.
// So a head's keys, and its values, are read in one run, each byte once for all query heads that share them.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

#define SWL_CELLS SWL_ATTENTION_CELLS

SWL_INLINE size_t swl_width(size_t size) { return (size + 15) / 16 * 16; }

/// Bytes of `cells` cells of one head; `size` is head_size, or the width of values.
SWL_INLINE size_t swl_cell_bytes(uint32_t type, size_t size, size_t cells) {
    return type == 0 ? cells * size * 4 : type == 1 ? cells * size * 2 : cells * (size / 32) * 34;
}

SWL_INLINE v16f swl_load_bytes(const uint8_t *from) {
    v16b b;
    memcpy(&b, from, sizeof b);
    return swl_float(__builtin_convertvector(b, v16i));
}

/// A Q8_0 block as files have it: half(max / 127), round half away from zero.
static uint16_t swl_cell_block(const float *x, int8_t *to) {
    float largest = 0;
    for (size_t i = 0; i < 32; i++) {
        const float a = fabsf(x[i]);
        largest = a > largest ? a : largest;
    }
    const float d = largest / 127.0f, inverse = d != 0 ? 1.0f / d : 0.0f;
    for (size_t i = 0; i < 32; i++) {
        const float v = x[i] * inverse;
        // Infinities and NaN have no 8-bit form; d carries them.
        to[i] = (int8_t)(fabsf(v) <= 127.5f ? roundf(v) : 0.0f);
    }
    return swl_to_half_one(d);
}

/// One head of one cell. Element i goes to `at + i * step` of its block.
SWL_INLINE void swl_store_head(uint32_t type, const float *x, size_t size, uint8_t *block, size_t at, size_t step,
                               size_t cell, size_t blocks) {
    if (type == 0) {
        for (size_t i = 0; i < size; i++) memcpy(block + (at + i * step) * 4, x + i, 4);
        return;
    }
    if (type == 1) {
        for (size_t i = 0; i < size; i += 16) {
            const size_t n = size - i < 16 ? size - i : 16;
            uint16_t halves[16];
            swl_to_halves(n == 16 ? swl_load(x + i) : swl_load_part(x + i, n, 0), halves);
            for (size_t k = 0; k < n; k++) memcpy(block + (at + (i + k) * step) * 2, halves + k, 2);
        }
        return;
    }
    for (size_t b = 0; b < blocks; b++) {
        int8_t bytes[32];
        const uint16_t d = swl_cell_block(x + b * 32, bytes);
        memcpy(block + (b * SWL_CELLS + cell) * 2, &d, 2);
        uint8_t *to = block + blocks * SWL_CELLS * 2;
        for (size_t i = 0; i < 32; i++) to[at + (b * 32 + i) * step] = (uint8_t)bytes[i];
    }
}

static void swl_store_cell(const swl_cell *c) {
    const size_t block = c->position / SWL_CELLS, cell = c->position % SWL_CELLS;
    const size_t size = c->keys ? c->head_size : swl_width(c->head_size), blocks = c->head_size / 32;
    const size_t block_bytes = swl_cell_bytes(c->type, size, SWL_CELLS);
    for (size_t head = 0; head < c->heads; head++) {
        const float *x = c->x + head * c->head_size;
        uint8_t *to = (uint8_t *)c->page + (head * (c->positions_per_page / SWL_CELLS) + block) * block_bytes;
        if (c->keys)
            swl_store_head(c->type, x, c->head_size, to, cell, SWL_CELLS, cell, blocks);
        else
            swl_store_head(c->type, x, c->head_size, to, cell * size, 1, cell, blocks);
    }
}
