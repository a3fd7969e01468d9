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

/// Scales and minimums of one Q4_K or Q5_K super-block.
SWL_INLINE void swl_k_header(const uint8_t *const *rows, size_t at, float (*scales)[16], float (*minimums)[16]) {
    v16u w[4], sc[2], mn[2];
    swl_rows(rows, at, w);
    v16f d = swl_from_half(w[0] & 0xffffu), dmin = swl_from_half(w[0] >> 16);
    swl_k_scales(w, sc, mn);
    for (int i = 0; i < 8; i++) {
        swl_store(scales[i], d * swl_byte_float(sc[i / 4], i % 4));
        swl_store(minimums[i], dmin * swl_byte_float(mn[i / 4], i % 4));
    }
}

static void swl_panel_q4_k(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 144;
        swl_k_header(rows, at, to->scales + b, to->minimums + b);
        v16u *values = to->values + b * 8;
        for (int part = 0; part < 8; part++) {
            v16u w[4];
            swl_rows(rows, at + 16 + (size_t)part * 16, w);
            v16u *low = values + part / 2 * 16 + part % 2 * 4;
            for (int i = 0; i < 4; i++) {
                low[i] = w[i] & 0x0f0f0f0fu;
                low[8 + i] = w[i] >> 4 & 0x0f0f0f0fu;
            }
        }
    }
}

static void swl_panel_q5_k(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 176;
        swl_k_header(rows, at, to->scales + b, to->minimums + b);
        v16u *values = to->values + b * 8, high[8];
        swl_rows(rows, at + 16, high);
        swl_rows(rows, at + 32, high + 4);
        for (int part = 0; part < 8; part++) {
            v16u w[4];
            swl_rows(rows, at + 48 + (size_t)part * 16, w);
            v16u *low = values + part / 2 * 16 + part % 2 * 4;
            for (int i = 0; i < 4; i++) {
                v16u bits = high[part % 2 * 4 + i] >> (uint32_t)(part / 2 * 2);
                low[i] = (w[i] & 0x0f0f0f0fu) | (bits & 0x01010101u) << 4;
                low[8 + i] = (w[i] >> 4 & 0x0f0f0f0fu) | (bits & 0x02020202u) << 3;
            }
        }
    }
}

static void swl_panel_q6_k(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 210;
        v16u scales[4], tail[4];
        swl_rows(rows, at + 192, scales);
        swl_rows(rows, at + 194, tail);
        v16f d = swl_from_half(tail[3] >> 16);
        for (int i = 0; i < 16; i++) {
            v16i sc = SWL_BITS_I(scales[i / 4]) << (24 - 8 * (i % 4)) >> 24;
            swl_store(to->scales[b * 2 + (size_t)i], d * swl_float(sc));
        }
        for (size_t half = 0; half < 2; half++) {
            v16u *values = to->values + b * 8 + half * 32;
            // l: which 16 of the 32 columns that share a byte of the high bits.
            for (size_t l = 0; l < 2; l++) {
                v16u a[4], c[4], high[4];
                swl_rows(rows, at + half * 64 + l * 16, a);
                swl_rows(rows, at + half * 64 + 32 + l * 16, c);
                swl_rows(rows, at + 128 + half * 32 + l * 16, high);
                for (size_t i = 0; i < 4; i++) {
                    v16u *v = values + l * 4 + i;
                    v[0] = (a[i] & 0x0f0f0f0fu) | (high[i] << 4 & 0x30303030u);
                    v[8] = (c[i] & 0x0f0f0f0fu) | (high[i] << 2 & 0x30303030u);
                    v[16] = (a[i] >> 4 & 0x0f0f0f0fu) | (high[i] & 0x30303030u);
                    v[24] = (c[i] >> 4 & 0x0f0f0f0fu) | (high[i] >> 2 & 0x30303030u);
                }
            }
        }
    }
}

static void swl_panel_q3_k(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
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
            swl_store(to->scales[b * 2 + (size_t)i], d * swl_float(s));
        }
        swl_rows(rows, at, mask);
        swl_rows(rows, at + 16, mask + 4);
        for (uint32_t half = 0; half < 2; half++) {
            v16u *values = to->values + b * 8 + half * 32, q[8];
            swl_rows(rows, at + 32 + half * 32, q);
            swl_rows(rows, at + 48 + half * 32, q + 4);
            for (uint32_t j = 0; j < 4; j++)
                for (int i = 0; i < 8; i++)
                    values[j * 8 + (uint32_t)i] =
                        (q[i] >> (2 * j) & 0x03030303u) | (mask[i] >> (half * 4 + j) & 0x01010101u) << 2;
        }
    }
}

static void swl_panel_q2_k(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to) {
    for (size_t b = 0; b < blocks; b += 8) {
        const size_t at = (block + b) / 8 * 84;
        v16u sc[4], tail[4];
        swl_rows(rows, at, sc);
        swl_rows(rows, at + 68, tail);
        v16f d = swl_from_half(tail[3] & 0xffffu), dmin = swl_from_half(tail[3] >> 16);
        for (int i = 0; i < 16; i++) {
            v16u byte = swl_byte(sc[i / 4], i % 4);
            swl_store(to->scales[b * 2 + (size_t)i], d * swl_float((v16i)(byte & 0xfu)));
            swl_store(to->minimums[b * 2 + (size_t)i], dmin * swl_float((v16i)(byte >> 4)));
        }
        for (uint32_t half = 0; half < 2; half++) {
            v16u *values = to->values + b * 8 + half * 32, q[8];
            swl_rows(rows, at + 16 + half * 32, q);
            swl_rows(rows, at + 32 + half * 32, q + 4);
            for (uint32_t j = 0; j < 4; j++)
                for (int i = 0; i < 8; i++) values[j * 8 + (uint32_t)i] = q[i] >> (2 * j) & 0x03030303u;
        }
    }
}
