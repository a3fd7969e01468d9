// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: blocks of 32 columns with one half scale, and a half minimum in the _1 forms.
// Block layouts: ggml-common.h (d, [m], [qh], qs).
#pragma once

#include "panel.h"

/// Four bytes of each row.
SWL_INLINE v16u swl_first(const uint8_t *const *rows, size_t offset) {
    v16u w[4];
    swl_rows(rows, offset, w);
    return w[0];
}

SWL_INLINE void swl_unpack_q4_0(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 18;
        v16u values[8];
        swl_store(to->panel->scales.floats[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_nibbles(rows, at + 2, values);
        swl_give_block(to, b, values);
    }
}

SWL_INLINE void swl_unpack_q4_1(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 20;
        v16u d = swl_first(rows, at), values[8];
        swl_store(to->panel->scales.floats[b], swl_from_half(d & 0xffffu));
        swl_store(to->panel->minimums.floats[b], -swl_from_half(d >> 16));
        swl_nibbles(rows, at + 4, values);
        swl_give_block(to, b, values);
    }
}

/// Adds the fifth bits, 4 bytes a row, to a block's values: bit i belongs to value i.
SWL_INLINE void swl_fifth_bits(const uint8_t *const *rows, size_t offset, v16u values[8]) {
    const v16u high = swl_first(rows, offset);
    for (int i = 0; i < 8; i++) values[i] |= swl_spread(high, i) & 0x10101010u;
}

SWL_INLINE void swl_unpack_q5_0(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 22;
        v16u values[8];
        swl_store(to->panel->scales.floats[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_nibbles(rows, at + 6, values);
        swl_fifth_bits(rows, at + 2, values);
        swl_give_block(to, b, values);
    }
}

SWL_INLINE void swl_unpack_q5_1(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 24;
        v16u d = swl_first(rows, at), values[8];
        swl_store(to->panel->scales.floats[b], swl_from_half(d & 0xffffu));
        swl_store(to->panel->minimums.floats[b], -swl_from_half(d >> 16));
        swl_nibbles(rows, at + 8, values);
        swl_fifth_bits(rows, at + 4, values);
        swl_give_block(to, b, values);
    }
}

SWL_INLINE void swl_unpack_q8_0(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 34;
        v16u values[8];
        swl_store(to->panel->scales.floats[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_rows(rows, at + 2, values);
        swl_rows(rows, at + 18, values + 4);
        for (int i = 0; i < 8; i++) values[i] ^= SWL_WIDE_FLIP;
        swl_give_block(to, b, values);
    }
}

SWL_UNPACKERS(q4_0, 32, 18, 0, 0)
SWL_UNPACKERS(q4_1, 32, 20, 0, 0)
SWL_UNPACKERS(q5_0, 32, 22, 0, 0)
SWL_UNPACKERS(q5_1, 32, 24, 0, 0)
SWL_UNPACKERS(q8_0, 32, 34, 0, 1)
