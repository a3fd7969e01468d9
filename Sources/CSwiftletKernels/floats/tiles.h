// Many activation rows times BF16 weights: 32 weight rows as pairs of columns, transposed into a panel, times tiles of 8
// activation rows. Lanes are weight rows; what dots.h has in 16 lanes is added up one lane after another, so nothing is
// summed across a register, and the bits are the same.
#pragma once

#include "round.h"
#include "../matmul/group.h"

#if defined(SWL_AVX512_BF16)
/// Weight rows of a panel: two registers of them.
#define SWL_PANEL_ROWS 32

/// Sixteen rows of 32 columns: pair i of all of them to[i].
SWL_INLINE void swl_transpose_pairs(const v16u *rows, __m512i *to) {
    __m512i a[16], b[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32((__m512i)rows[i], (__m512i)rows[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32((__m512i)rows[i], (__m512i)rows[i + 1]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    // Now 128 bits q of b[4 g + i] are pair 4 q + i of rows 4 g to 4 g + 3.
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        const __m512i even01 = _mm512_shuffle_i32x4(b[i], b[i + 4], 0x88), odd01 = _mm512_shuffle_i32x4(b[i], b[i + 4], 0xdd);
        const __m512i even23 = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0x88);
        const __m512i odd23 = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0xdd);
        to[i] = _mm512_shuffle_i32x4(even01, even23, 0x88);
        to[i + 8] = _mm512_shuffle_i32x4(even01, even23, 0xdd);
        to[i + 4] = _mm512_shuffle_i32x4(odd01, odd23, 0x88);
        to[i + 12] = _mm512_shuffle_i32x4(odd01, odd23, 0xdd);
    }
}

/// Columns of SWL_PANEL_ROWS rows, the last one again for those beyond `count`: [16 turns][steps][2][16] pairs.
static void swl_pair_panel(const uint8_t *first, size_t row_bytes, size_t count, size_t columns, v16u *panel) {
    const size_t steps = (columns + 31) / 32;
    for (size_t group = 0; group < 2; group++)
        for (size_t step = 0; step < steps; step++) {
            const size_t left = columns - step * 32;
            v16u rows[16];
            __m512i pairs[16];
#pragma clang loop unroll(full)
            for (size_t r = 0; r < 16; r++) {
                const size_t row = group * 16 + r;
                const uint8_t *from = first + (row < count ? row : count - 1) * row_bytes + step * 64;
                rows[r] = swl_load_pairs(from, left < 32 ? left : 32);
            }
            swl_transpose_pairs(rows, pairs);
#pragma clang loop unroll(full)
            for (size_t lane = 0; lane < 16; lane++) memcpy(&panel[(SWL_TURN(lane) * steps + step) * 2 + group], &pairs[lane], 64);
        }
}

/// The sums of one lane.
SWL_INLINE void swl_pair_lane(const v16u *panel, const uint32_t *x, size_t steps, const size_t tokens, v16f (*sums)[2]) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) sums[t][0] = sums[t][1] = swl_zero();
    for (size_t step = 0; step < steps; step++) {
        const v16u low = panel[step * 2], high = panel[step * 2 + 1];
#pragma clang loop unroll(full)
        for (size_t t = 0; t < tokens; t++) {
            const v16u pair = (v16u)(x[step * SWL_TILE + t]);
            sums[t][0] = swl_add_pairs(sums[t][0], low, pair);
            sums[t][1] = swl_add_pairs(sums[t][1], high, pair);
        }
    }
}

/// sums[t][r] of a segment, for the first `tokens` rows of a tile.
SWL_INLINE void swl_pair_tile(const v16u *panel, const uint32_t *x, size_t steps, const size_t tokens, v16f (*sums)[2]) {
    v16f waiting[3][SWL_TILE][2];
    size_t depth = 0;
    for (size_t turn = 0; turn < 8; turn++) {
        v16f first[SWL_TILE][2], second[SWL_TILE][2];
        swl_pair_lane(panel + turn * 4 * steps, x + turn * 2 * steps * SWL_TILE, steps, tokens, first);
        swl_pair_lane(panel + (turn * 4 + 2) * steps, x + (turn * 2 + 1) * steps * SWL_TILE, steps, tokens, second);
#pragma clang loop unroll(full)
        for (size_t t = 0; t < tokens; t++) first[t][0] += second[t][0], first[t][1] += second[t][1];
        for (size_t done = turn; done & 1; done >>= 1) {
            depth--;
#pragma clang loop unroll(full)
            for (size_t t = 0; t < tokens; t++) first[t][0] += waiting[depth][t][0], first[t][1] += waiting[depth][t][1];
        }
        v16f(*to)[2] = turn == 7 ? sums : waiting[depth++];
#pragma clang loop unroll(full)
        for (size_t t = 0; t < tokens; t++) to[t][0] = first[t][0], to[t][1] = first[t][1];
    }
}

/// output = [output +] sums
SWL_INLINE void swl_put_tile(float *output, size_t count, v16f sum, int is_first) {
    if (count >= 16)
        swl_store(output, is_first ? sum : swl_load(output) + sum);
    else if (count > 0)
        swl_store_part(output, is_first ? sum : swl_load_part(output, count, 0.0f) + sum, count);
}

static void swl_pair_tiles(const swl_matmul *m) {
    v16u *const panel = m->scratch;
    const float *inverses = swl_inverses(m->rounded, m->tokens, m->columns);
    const size_t width = swl_rounded_columns(m->columns), tiles = (m->tokens + SWL_TILE - 1) / SWL_TILE;
    for (size_t row = 0; row < m->rows; row += SWL_PANEL_ROWS) {
        const size_t count = m->rows - row < SWL_PANEL_ROWS ? m->rows - row : SWL_PANEL_ROWS;
        const uint8_t *first = (const uint8_t *)m->weights + row * m->row_bytes;
        const size_t after = m->rows + m->rows_after - row - count;
        const char *next = (const char *)first + count * m->row_bytes;
        const size_t next_bytes = (after < SWL_PANEL_ROWS ? after : SWL_PANEL_ROWS) * m->row_bytes;
        for (size_t column = 0; column < m->columns; column += SWL_PAIRS_SEGMENT) {
            const size_t left = m->columns - column, columns = left < SWL_PAIRS_SEGMENT ? left : SWL_PAIRS_SEGMENT;
            const size_t steps = (columns + 31) / 32;
            swl_pair_panel(first + column * 2, m->row_bytes, count, columns, panel);
            for (size_t tile = 0; tile < tiles; tile++) {
                const size_t token = tile * SWL_TILE, tokens = m->tokens - token < SWL_TILE ? m->tokens - token : SWL_TILE;
                const uint32_t *x = (const uint32_t *)m->rounded + token * (width / 2) + column / 2 * SWL_TILE;
                // The next panel's rows in memory, while this one is in use.
                if (column == 0)
                    for (size_t at = next_bytes * tile / tiles; at < next_bytes * (tile + 1) / tiles; at += 64)
                        __builtin_prefetch(next + at, 0, 2);
                v16f sums[SWL_TILE][2];
                if (tokens > SWL_TILE / 2)
                    swl_pair_tile(panel, x, steps, SWL_TILE, sums);
                else
                    swl_pair_tile(panel, x, steps, SWL_TILE / 2, sums);
                for (size_t t = 0; t < tokens; t++) {
                    float *to = m->output + (token + t) * m->output_stride + row;
                    swl_put_tile(to, count, sums[t][0] * inverses[token + t], column == 0);
                    if (count > 16) swl_put_tile(to + 16, count - 16, sums[t][1] * inverses[token + t], column == 0);
                }
            }
        }
    }
}
#else
static void swl_pair_tiles(const swl_matmul *m) { (void)m; }
#endif
