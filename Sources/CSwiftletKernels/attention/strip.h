// The micro-kernel of attention: lanes of 16 cells (keys) or 16 columns (values) times a few queries, as in a matrix product.
#pragma once

#include "cells.h"

/// Queries of a tile, whose numbers lie in rows of SWL_PITCH floats.
#define SWL_QUERIES SWL_ATTENTION_TILE
#define SWL_PITCH 128
_Static_assert(SWL_PITCH == SWL_CELLS, "weights of a block are rows of the same pitch as queries");
_Static_assert(SWL_ATTENTION_QUERIES % SWL_QUERIES == 0, "a call holds whole tiles");

/// One side of a block, as the kernel reads it.
typedef struct swl_strip {
    const uint8_t *data;
    size_t pitch;         // elements from one step to the next: cells of a key block, the width of values
    const float *scales;  // Q8_0: [elements / 32][128 cells]
    const uint8_t *ahead; // what will be read next, asked for in small lots
    size_t steps;         // elements of a head, or cells
    const float *x;       // [steps / 128][SWL_QUERIES][SWL_PITCH]: queries, or weights of cells
    float *to;            // [queries][to_pitch]
    size_t to_pitch;
    const float *before, *now; // values: to = fma(product, now, to * before); null: the product alone
} swl_strip;

SWL_INLINE size_t swl_element(const uint32_t type) { return type == 0 ? 4 : type == 1 ? 2 : 1; }

SWL_INLINE v16f swl_strip_load(const uint32_t type, const int keys, const swl_strip *s, size_t step, size_t column) {
    const uint8_t *from = s->data + (step * s->pitch + column) * swl_element(type);
    if (type == 0) {
        v16f v;
        memcpy(&v, from, sizeof v);
        return v;
    }
    if (type == 1) return swl_load_halves(from);
    const v16f q = swl_load_bytes(from);
    return keys ? q * swl_load(s->scales + step / 32 * SWL_CELLS + column)
                : q * swl_splat(s->scales[column / 32 * SWL_CELLS + step]);
}

/// Sums over `steps` in order from zero, each in a fused multiply-add of its own: 16 * `vectors` columns, `count` queries.
SWL_INLINE void swl_strip_step(const uint32_t type, const int keys, const swl_strip *restrict s, size_t query, size_t column,
                               const size_t count, const size_t vectors) {
    v16f sums[SWL_QUERIES][4];
    const size_t lot = vectors * 16 * swl_element(type);
    const uint8_t *ahead = s->ahead + column * s->steps * swl_element(type);
#pragma clang loop unroll(full)
    for (size_t t = 0; t < count; t++)
#pragma clang loop unroll(full)
        for (size_t j = 0; j < vectors; j++) sums[t][j] = swl_zero();
    for (size_t first = 0; first < s->steps; first += 32) {
        const size_t end = s->steps - first < 32 ? s->steps - first : 32;
        const float *x = s->x + first / SWL_PITCH * (SWL_QUERIES * SWL_PITCH) + query * SWL_PITCH + first % SWL_PITCH;
        for (size_t k = 0; k < end; k++, ahead += lot) {
            v16f v[4];
#pragma clang loop unroll(full)
            for (size_t line = 0; line < lot; line += 64) __builtin_prefetch(ahead + line, 0, 2);
#pragma clang loop unroll(full)
            for (size_t j = 0; j < vectors; j++) v[j] = swl_strip_load(type, keys, s, first + k, column + j * 16);
#pragma clang loop unroll(full)
            for (size_t t = 0; t < count; t++) {
                const v16f one = swl_splat(x[t * SWL_PITCH + k]);
#pragma clang loop unroll(full)
                for (size_t j = 0; j < vectors; j++) sums[t][j] = swl_fma(v[j], one, sums[t][j]);
            }
        }
    }
    float *to = s->to + query * s->to_pitch + column;
    if (!s->before) {
#pragma clang loop unroll(full)
        for (size_t t = 0; t < count; t++)
#pragma clang loop unroll(full)
            for (size_t j = 0; j < vectors; j++) swl_store(to + t * s->to_pitch + j * 16, sums[t][j]);
        return;
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < count; t++)
#pragma clang loop unroll(full)
        for (size_t j = 0; j < vectors; j++) {
            float *at = to + t * s->to_pitch + j * 16;
            swl_store(at, swl_fma(sums[t][j], swl_splat(s->now[query + t]), swl_load(at) * s->before[query + t]));
        }
}

/// All columns first ..< end (multiples of 16) for `queries` queries.
SWL_INLINE void swl_strip_all(const uint32_t type, const int keys, const swl_strip *s, size_t queries, size_t first,
                              size_t end) {
#define SWL_PIECES(count, vectors) \
    for (; column + 16 * (vectors) <= end; column += 16 * (vectors)) swl_strip_step(type, keys, s, q, column, count, vectors);
#if defined(SWL_AVX512)
    // 24 sums, and what is loaded, fill the 32 registers.
#define SWL_WIDE(count) SWL_PIECES(count, 4)
#else
#define SWL_WIDE(count) SWL_PIECES(count, (count > 3 ? 1 : 2))
#endif
    for (size_t q = 0; q < queries;) {
        const size_t left = queries - q;
        size_t column = first;
#if defined(SWL_AVX512)
        if (left >= 12) {
            SWL_PIECES(12, 2)
            SWL_PIECES(12, 1)
            q += 12;
            continue;
        }
#endif
        switch (left) {
        case 1:
            SWL_PIECES(1, 4)
            SWL_PIECES(1, 1)
            q += 1;
            break;
        case 2:
            SWL_WIDE(2)
            SWL_PIECES(2, 1)
            q += 2;
            break;
        case 3:
            SWL_WIDE(3)
            SWL_PIECES(3, 1)
            q += 3;
            break;
        case 4: case 5:
            SWL_WIDE(4)
            SWL_PIECES(4, 1)
            q += 4;
            break;
        default:
            SWL_WIDE(6)
            SWL_PIECES(6, 1)
            q += 6;
            break;
        }
    }
#undef SWL_PIECES
#undef SWL_WIDE
}

#define SWL_STRIP(name, type, keys)                                                                  \
    static void name(const swl_strip *s, size_t queries, size_t first, size_t end) {                 \
        swl_strip_all(type, keys, s, queries, first, end);                                           \
    }
SWL_STRIP(swl_keys_f32, 0, 1)
SWL_STRIP(swl_keys_f16, 1, 1)
SWL_STRIP(swl_keys_q8_0, 8, 1)
SWL_STRIP(swl_values_f32, 0, 0)
SWL_STRIP(swl_values_f16, 1, 0)
SWL_STRIP(swl_values_q8_0, 8, 0)
#undef SWL_STRIP

static void swl_strip_run(uint32_t type, int keys, const swl_strip *s, size_t queries, size_t first, size_t end) {
    switch (type) {
    case 0: (keys ? swl_keys_f32 : swl_values_f32)(s, queries, first, end); break;
    case 1: (keys ? swl_keys_f16 : swl_values_f16)(s, queries, first, end); break;
    default: (keys ? swl_keys_q8_0 : swl_values_q8_0)(s, queries, first, end); break;
    }
}
