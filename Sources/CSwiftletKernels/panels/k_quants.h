// Q2_K, Q3_K, Q4_K, Q5_K, Q6_K: super-blocks of 256 columns. Block layouts: ggml-common.h.
// `block` and `blocks` count 32 columns and are whole super-blocks.
#pragma once

#include "panel.h"

/// The 6-bit scales and minimums of Q4_K and Q5_K: from the 12 bytes w[1...3] of a header to 8 bytes each.
SWL_INLINE void swl_k_scales(const v16u w[4], v16u scales[2], v16u minimums[2]) {
    scales[0] = w[1] & 0x3f3f3f3fu;
    scales[1] = (w[3] & 0x0f0f0f0fu) | (w[1] >> 2 & 0x30303030u);
    minimums[0] = w[2] & 0x3f3f3f3fu;
    minimums[1] = (w[3] >> 4 & 0x0f0f0f0fu) | (w[2] >> 2 & 0x30303030u);
}

/// Scales and minimums of the Q4_K or Q5_K super-block that block b of the panel begins.
SWL_INLINE void swl_k_header(const uint8_t *const *rows, size_t at, swl_panel *panel, size_t b) {
    v16u w[4], sc[2], mn[2];
    swl_rows(rows, at, w);
    const v16f d = swl_from_half(w[0] & 0xffffu);
    swl_k_scales(w, sc, mn);
    for (int i = 0; i < 8; i++) swl_store(panel->scales.floats[b + (size_t)i], d * swl_byte_float(sc[i / 4], i % 4));
    swl_store(panel->minimums.integers.unit[b / SWL_SPAN], swl_from_half(w[0] >> 16));
    for (size_t i = 0; i < 2; i++) panel->minimums.integers.bytes[b / 4 + i] = mn[i];
}

SWL_INLINE void swl_unpack_q4_k(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 144;
        swl_k_header(rows, at, to->panel, b);
        for (size_t pair = 0; pair < 4; pair++) {
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                v16u values[8];
                swl_nibbles(rows, at + 16 + pair * 32 + (size_t)half * 16, values);
                swl_give(to, b + pair * 2, half, 0, values);
                swl_give(to, b + pair * 2 + 1, half, 1, values + 4);
            }
        }
    }
}

SWL_INLINE void swl_unpack_q5_k(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 176;
        swl_k_header(rows, at, to->panel, b);
        v16u high[8];
        swl_rows(rows, at + 16, high);
        swl_rows(rows, at + 32, high + 4);
        for (size_t pair = 0; pair < 4; pair++) {
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                v16u values[8];
                swl_nibbles(rows, at + 48 + pair * 32 + (size_t)half * 16, values);
                for (int i = 0; i < 4; i++) {
                    v16u bits = high[half * 4 + i] >> (uint32_t)(pair * 2);
                    values[i] |= (bits & 0x01010101u) << 4;
                    values[4 + i] |= (bits & 0x02020202u) << 3;
                }
                swl_give(to, b + pair * 2, half, 0, values);
                swl_give(to, b + pair * 2 + 1, half, 1, values + 4);
            }
        }
    }
}

SWL_INLINE void swl_unpack_q6_k(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 210;
        v16u scales[4], tail[4];
        swl_rows(rows, at + 192, scales);
        swl_rows(rows, at + 194, tail);
        v16f d = swl_from_half(tail[3] >> 16);
        for (int i = 0; i < 16; i++) {
            v16i sc = SWL_BITS_I(scales[i / 4]) << (24 - 8 * (i % 4)) >> 24;
            swl_store(to->panel->scales.floats[b * 2 + (size_t)i], d * swl_float(sc));
        }
        for (size_t part = 0; part < 2; part++) {
            // half: which 16 of the 32 columns that share a byte of the high bits.
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                const size_t column = (size_t)half * 16;
                v16u low[4], next[4], high[4], values[4];
                swl_rows(rows, at + part * 64 + column, low);
                swl_rows(rows, at + part * 64 + 32 + column, next);
                swl_rows(rows, at + 128 + part * 32 + column, high);
                for (int i = 0; i < 4; i++) values[i] = (low[i] & 0x0f0f0f0fu) | (high[i] << 4 & 0x30303030u);
                swl_give(to, b + part * 4, half, 0, values);
                for (int i = 0; i < 4; i++) values[i] = (next[i] & 0x0f0f0f0fu) | (high[i] << 2 & 0x30303030u);
                swl_give(to, b + part * 4 + 1, half, 0, values);
                for (int i = 0; i < 4; i++) values[i] = (low[i] >> 4 & 0x0f0f0f0fu) | (high[i] & 0x30303030u);
                swl_give(to, b + part * 4 + 2, half, 0, values);
                for (int i = 0; i < 4; i++) values[i] = (next[i] >> 4 & 0x0f0f0f0fu) | (high[i] >> 2 & 0x30303030u);
                swl_give(to, b + part * 4 + 3, half, 0, values);
            }
        }
    }
}

SWL_INLINE void swl_unpack_q3_k(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 110;
        v16u header[4], tail[4], sc[4], mask[8];
        swl_rows(rows, at + 92, header);
        swl_rows(rows, at + 94, tail);
        v16f d = swl_from_half(tail[3] >> 16);
        const v16u low0 = header[1], low1 = header[2], high = header[3];
        sc[0] = (low0 & 0x0f0f0f0fu) | (high & 0x03030303u) << 4;
        sc[1] = (low1 & 0x0f0f0f0fu) | (high >> 2 & 0x03030303u) << 4;
        sc[2] = (low0 >> 4 & 0x0f0f0f0fu) | (high >> 4 & 0x03030303u) << 4;
        sc[3] = (low1 >> 4 & 0x0f0f0f0fu) | (high >> 6 & 0x03030303u) << 4;
        for (int i = 0; i < 16; i++) {
            v16i s = (v16i)swl_byte(sc[i / 4], i % 4) - 32;
            swl_store(to->panel->scales.floats[b * 2 + (size_t)i], d * swl_float(s));
        }
        swl_rows(rows, at, mask);
        swl_rows(rows, at + 16, mask + 4);
        for (uint32_t part = 0; part < 2; part++) {
            v16u q[8], values[8];
            swl_rows(rows, at + 32 + part * 32, q);
            swl_rows(rows, at + 48 + part * 32, q + 4);
            for (uint32_t j = 0; j < 4; j++) {
                for (int i = 0; i < 8; i++)
                    values[i] = (q[i] >> (2 * j) & 0x03030303u) | (mask[i] >> (part * 4 + j) & 0x01010101u) << 2;
                swl_give_block(to, b + part * 4 + j, values);
            }
        }
    }
}

SWL_INLINE void swl_unpack_q2_k(const uint8_t *const *rows, size_t block, size_t blocks, const swl_sink *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 84;
        v16u sc[4], tail[4];
        swl_rows(rows, at, sc);
        swl_rows(rows, at + 68, tail);
        const v16f d = swl_from_half(tail[3] & 0xffffu);
        swl_store(to->panel->minimums.integers.unit[b / SWL_SPAN], swl_from_half(tail[3] >> 16));
        swl_store(to->panel->scales.integers.unit[b / SWL_SPAN], d);
        for (size_t i = 0; i < 4; i++) swl_store_pairs(sc[i] & 0x0f0f0f0fu, to->panel->scales.integers.pairs + b + i * 2);
        for (size_t i = 0; i < 4; i++) to->panel->minimums.integers.bytes[b / 2 + i] = sc[i] >> 4 & 0x0f0f0f0fu;
        for (uint32_t part = 0; part < 2; part++) {
            v16u q[8], values[8];
            swl_rows(rows, at + 16 + part * 32, q);
            swl_rows(rows, at + 32 + part * 32, q + 4);
            for (uint32_t j = 0; j < 4; j++) {
                for (int i = 0; i < 8; i++) values[i] = q[i] >> (2 * j) & 0x03030303u;
                swl_give_block(to, b + part * 4 + j, values);
            }
        }
    }
}

SWL_UNPACKERS(q2_k, 256, 84, swl_integer_half_scales, 0)
SWL_UNPACKERS(q3_k, 256, 110, swl_half_scales, 0)
SWL_UNPACKERS(q4_k, 256, 144, 0, 0)
SWL_UNPACKERS(q5_k, 256, 176, 0, 0)
SWL_UNPACKERS(q6_k, 256, 210, swl_half_scales, 0)
