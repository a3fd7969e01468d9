// Where a block of the cache lies, and its keys and values as F32 panels in the cache's own order.
#pragma once

#include "strip.h"

typedef struct swl_block {
    uint32_t type;
    const uint8_t *keys, *values;
    const uint8_t *key_scales, *value_scales; // Q8_0: halves
} swl_block;

SWL_INLINE size_t swl_scale_bytes(size_t size) { return size / 32 * SWL_CELLS * 2; }

SWL_INLINE swl_block swl_block_at(const swl_attention *a, size_t block) {
    const size_t cell = block * SWL_CELLS;
    if (a->rows) return (swl_block){.keys = a->key_pages[0], .values = a->value_pages[0]};
    const size_t page = cell / a->positions_per_page, rest = cell % a->positions_per_page;
    const size_t head = a->kv_head * a->positions_per_page + rest;
    const uint8_t *keys = (const uint8_t *)a->key_pages[page] + swl_cell_bytes(a->type, a->head_size, head);
    const uint8_t *values =
        (const uint8_t *)a->value_pages[page] + swl_cell_bytes(a->type, swl_width(a->value_head_size), head);
    if (a->type != 8) return (swl_block){.type = a->type, .keys = keys, .values = values};
    return (swl_block){
        a->type, keys + swl_scale_bytes(a->head_size), values + swl_scale_bytes(a->value_head_size), keys, values,
    };
}

/// Scales of a Q8_0 block as floats.
SWL_INLINE void swl_widen_scales(const uint8_t *from, size_t size, float *to) {
    for (size_t i = 0; i < size / 32 * SWL_CELLS; i += 16) swl_store(to + i, swl_load_halves(from + i * 2));
}

SWL_INLINE void swl_ask_for_scales(const uint8_t *from, size_t size) {
    for (size_t i = 0; i < swl_scale_bytes(size); i += 64) __builtin_prefetch(from + i, 0, 2);
}

/// Rows of F32 as a model computed them: keys are transposed 16 cells at a time.
static void swl_key_rows(const swl_attention *a, size_t start, size_t low, size_t high, float *to) {
    for (size_t c = low / 16 * 16; c < high; c += 16) {
        const uint8_t *rows[16];
        for (size_t i = 0; i < 16; i++) {
            const size_t cell = c + i < low ? low : c + i >= high ? high - 1 : c + i;
            rows[i] = (const uint8_t *)a->key_pages[0]
                      + ((start + cell) * a->row_stride + a->kv_head * a->head_size) * sizeof(float);
        }
        size_t k = 0;
        for (; k + 4 <= a->head_size; k += 4) {
            v16u w[4];
            swl_rows(rows, k * 4, w);
            for (size_t i = 0; i < 4; i++) swl_store(to + (k + i) * SWL_CELLS + c, SWL_BITS_F(w[i]));
        }
        for (; k < a->head_size; k++)
            for (size_t i = 0; i < 16; i++) memcpy(to + k * SWL_CELLS + c + i, rows[i] + k * 4, 4);
    }
}

/// Keys of the cells low ..< high, rounded to 16, as [head_size][128].
static void swl_widen_keys(const swl_attention *a, const swl_block *b, size_t start, size_t low, size_t high, float *scales,
                           float *to) {
    if (a->rows) {
        swl_key_rows(a, start, low, high, to);
        return;
    }
    const size_t from = low / 16 * 16, end = (high + 15) / 16 * 16;
    swl_strip s = {.data = b->keys, .pitch = SWL_CELLS, .scales = scales};
    if (a->type == 8) swl_widen_scales(b->key_scales, a->head_size, scales);
#define SWL_WIDEN(type)                                 \
    for (size_t k = 0; k < a->head_size; k++)           \
        for (size_t c = from; c < end; c += 16)         \
            swl_store(to + k * SWL_CELLS + c, swl_strip_load(type, 1, &s, k, c));
    switch (a->type) {
    case 0: SWL_WIDEN(0) break;
    case 1: SWL_WIDEN(1) break;
    default: SWL_WIDEN(8) break;
    }
#undef SWL_WIDEN
}

/// Values of the cells low ..< high as [128][width].
static void swl_widen_values(const swl_attention *a, const swl_block *b, size_t start, size_t low, size_t high,
                             float *scales, float *to) {
    const size_t width = swl_width(a->value_head_size);
    if (a->rows) {
        for (size_t c = low; c < high; c++)
            memcpy(to + c * width,
                   (const float *)a->value_pages[0] + (start + c) * a->row_stride + a->kv_head * a->value_head_size,
                   a->value_head_size * sizeof(float));
        return;
    }
    swl_strip s = {.data = b->values, .pitch = width, .scales = scales};
    if (a->type == 8) swl_widen_scales(b->value_scales, a->value_head_size, scales);
#define SWL_WIDEN(type)                             \
    for (size_t c = low; c < high; c++)             \
        for (size_t v = 0; v < width; v += 16)      \
            swl_store(to + c * width + v, swl_strip_load(type, 0, &s, c, v));
    switch (a->type) {
    case 0: SWL_WIDEN(0) break;
    case 1: SWL_WIDEN(1) break;
    default: SWL_WIDEN(8) break;
    }
#undef SWL_WIDEN
}
