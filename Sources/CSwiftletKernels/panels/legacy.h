// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: blocks of 32 columns with one half scale, and a half minimum in the _1 forms.
// Block layouts: ggml-common.h (d, [m], [qh], qs).
#pragma once

#include "panel.h"

SWL_INLINE v16u swl_first(const uint8_t *const *rows, size_t offset) {
    v16u w[4];
    swl_rows(rows, offset, w);
    return w[0];
}

static void swl_panel_q4_0(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 18;
        swl_store(to->scales[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_nibbles(rows, at + 2, to->values + b * 8);
    }
}

static void swl_panel_q4_1(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 20;
        v16u d = swl_first(rows, at);
        swl_store(to->scales[b], swl_from_half(d & 0xffffu));
        swl_store(to->minimums[b], -swl_from_half(d >> 16));
        swl_nibbles(rows, at + 4, to->values + b * 8);
    }
}

/// Adds bit i of `high` to value i as its fifth bit.
SWL_INLINE void swl_fifth_bits(v16u high, v16u values[8]) {
    for (int i = 0; i < 8; i++) {
        v16u four = high >> (uint32_t)(4 * i) & 0xfu;
        // Bits 0...3 to bit 4 of bytes 0...3: one multiplication puts a copy every 7 bits.
        values[i] |= ((four * 0x00204081u) & 0x01010101u) << 4;
    }
}

static void swl_panel_q5_0(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 22;
        v16u w[4];
        swl_rows(rows, at, w);
        swl_store(to->scales[b], swl_from_half(w[0] & 0xffffu));
        swl_nibbles(rows, at + 6, to->values + b * 8);
        swl_fifth_bits(w[0] >> 16 | w[1] << 16, to->values + b * 8);
    }
}

static void swl_panel_q5_1(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 24;
        v16u w[4];
        swl_rows(rows, at, w);
        swl_store(to->scales[b], swl_from_half(w[0] & 0xffffu));
        swl_store(to->minimums[b], -swl_from_half(w[0] >> 16));
        swl_nibbles(rows, at + 8, to->values + b * 8);
        swl_fifth_bits(w[1], to->values + b * 8);
    }
}

static void swl_panel_q8_0(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 34;
        v16u *values = to->values + b * 8;
        swl_store(to->scales[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_rows(rows, at + 2, values);
        swl_rows(rows, at + 18, values + 4);
        for (int i = 0; i < 8; i++) values[i] ^= SWL_WIDE_FLIP;
    }
}
