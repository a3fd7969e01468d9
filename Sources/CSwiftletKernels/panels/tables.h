// IQ4_NL, IQ4_XS, MXFP4: 4-bit indices into a table of 16 values. Layouts and tables: ggml-common.h.
#pragma once

#include "legacy.h"

/// The tables plus SWL_WIDE_BIAS, modulo 256.
#define SWL_ENTRY(x) (uint8_t)((x) + SWL_WIDE_BIAS)
static const uint8_t swl_iq4_values[16] = {
    SWL_ENTRY(-127), SWL_ENTRY(-104), SWL_ENTRY(-83), SWL_ENTRY(-65), SWL_ENTRY(-49), SWL_ENTRY(-35),
    SWL_ENTRY(-22),  SWL_ENTRY(-10),  SWL_ENTRY(1),   SWL_ENTRY(13),  SWL_ENTRY(25),  SWL_ENTRY(38),
    SWL_ENTRY(53),   SWL_ENTRY(69),   SWL_ENTRY(89),  SWL_ENTRY(113),
};
/// Twice the values of E2M1.
static const uint8_t swl_mxfp4_values[16] = {
    SWL_ENTRY(0), SWL_ENTRY(1),  SWL_ENTRY(2),  SWL_ENTRY(3),  SWL_ENTRY(4),  SWL_ENTRY(6),  SWL_ENTRY(8),  SWL_ENTRY(12),
    SWL_ENTRY(0), SWL_ENTRY(-1), SWL_ENTRY(-2), SWL_ENTRY(-3), SWL_ENTRY(-4), SWL_ENTRY(-6), SWL_ENTRY(-8), SWL_ENTRY(-12),
};

/// A block of nibbles that are indices into a table.
SWL_INLINE void swl_give_indices(const swl_sink *to, const uint8_t *table, const uint8_t *const *rows, size_t offset,
                                 size_t block) {
    v16u values[8];
    swl_nibbles(rows, offset, values);
    for (int i = 0; i < 8; i++) values[i] = swl_lookup(table, values[i]);
    swl_give_block(to, block, values);
}

SWL_INLINE void swl_unpack_iq4_nl(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 18;
        swl_store(to->panel->scales.floats[b], swl_from_half(swl_first(rows, at) & 0xffffu));
        swl_give_indices(to, swl_iq4_values, rows, at + 2, b);
    }
}

SWL_INLINE void swl_unpack_iq4_xs(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 136;
        v16u w[4];
        swl_rows(rows, at, w);
        v16f d = swl_from_half(w[0] & 0xffffu);
        for (uint32_t i = 0; i < 8; i++) {
            v16u scale = (w[1] >> (4 * i) & 0xfu) | (w[0] >> (16 + 2 * i) & 3u) << 4;
            swl_store(to->panel->scales.floats[b + i], d * swl_float((v16i)scale - 32));
            swl_give_indices(to, swl_iq4_values, rows, at + 8 + i * 16, b + i);
        }
    }
}

SWL_INLINE void swl_unpack_mxfp4(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b++) {
        const size_t at = (block + b) * 17;
        // 2^(e - 128), half of E8M0's value; subnormal for e < 2.
        v16u e = swl_first(rows, at) & 0xffu;
        v16u tiny = 0x00200000u << e, bits = (e - 1u) << 23;
        v16i is_tiny = (v16i)(e < 2u);
        swl_store(to->panel->scales.floats[b], swl_select(is_tiny, SWL_BITS_F(tiny), SWL_BITS_F(bits)));
        swl_give_indices(to, swl_mxfp4_values, rows, at + 1, b);
    }
}

SWL_UNPACKERS(iq4_nl, 32, 18, 0, 1)
SWL_UNPACKERS(iq4_xs, 256, 136, 0, 1)
SWL_UNPACKERS(mxfp4, 32, 17, 0, 1)
