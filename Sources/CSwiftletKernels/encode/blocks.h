// Sixteen blocks at once, a block a lane: the reference adds up in a fixed order inside a block, but blocks are
// independent, so that every lane does one block's arithmetic in the reference's order and all bits stay. No function
// here fuses or reorders; branches become selections, and a lane that is done goes on without effect.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

#define SWL_ENCODE_NEGLIGIBLE 1e-15f // ggml-quants.c, GROUP_MAX_EPS

/// What a lane's encoder needs beside the block.
typedef struct swl_lane_context {
    const swl_grid *grid;
    v16f mean_square; // of the rows that the blocks are in; only with importance
} swl_lane_context;

SWL_INLINE v16i swl_choose(v16i mask, v16i a, v16i b) { return (a & mask) | (b & ~mask); }
SWL_INLINE v16i swl_clamp(v16i a, int low, int high) {
    return __builtin_elementwise_max((v16i)(low), __builtin_elementwise_min((v16i)(high), a));
}
SWL_INLINE v16f swl_root(v16f a) { return __builtin_elementwise_sqrt(a); }

/// The reference's `nearest_int`, also where the number is too large for it.
SWL_INLINE v16i swl_nearest_bits(v16f x) { return (SWL_BITS_I(x + swl_splat(12582912.0f)) & 0x7fffff) - 0x400000; }
/// The nearest code of `low`...`high`.
SWL_INLINE v16i swl_code(v16f x, int low, int high) { return swl_clamp(swl_nearest_bits(x), low, high); }

/// As swl_to_half_one, lane by lane.
SWL_INLINE v16u swl_to_half(v16f x) {
    v16u bits = SWL_BITS_U(x), sign = bits >> 16 & 0x8000u, a = bits & 0x7fffffffu;
    v16i normal = SWL_BITS_I((a - 0x38000000u + 0xfffu + (a >> 13 & 1u)) >> 13);
    v16i subnormal = SWL_BITS_I(SWL_BITS_U(SWL_BITS_F(a) + swl_splat(0.5f)) - 0x3f000000u);
    v16i rest = swl_choose((v16i)(a < 0x38800000u), subnormal, normal);
    rest = swl_choose((v16i)(a >= 0x477ff000u), (v16i)(0x7c00), rest);
    rest = swl_choose((v16i)(a > 0x7f800000u), (v16i)(0x7e00), rest);
    return sign | SWL_BITS_U(rest);
}

SWL_INLINE v16f swl_rounded_half(v16u half) { return swl_from_half_portable(half); }

/// `count` floats of each lane's row, transposed; a multiple of 4.
SWL_INLINE void swl_load_lanes(const uint8_t *const rows[16], int count, v16f *to) {
    for (int i = 0; i < count; i += 4) {
        v16u w[4];
        swl_rows(rows, (size_t)i * 4, w);
        for (int j = 0; j < 4; j++) to[i + j] = SWL_BITS_F(w[j]);
    }
}

/// Four codes of up to 8 bits as bytes, lowest first.
SWL_INLINE v16u swl_bytes(v16i a, v16i b, v16i c, v16i d) {
    return SWL_BITS_U(a & 255) | SWL_BITS_U(b & 255) << 8 | SWL_BITS_U(c & 255) << 16 | SWL_BITS_U(d) << 24;
}

/// Writes the first `bytes` bytes of each lane's words to its block.
SWL_INLINE void swl_store_blocks(const v16u *words, size_t bytes, size_t lanes, uint8_t *to) {
    const char *lane = (const char *)words;
    for (size_t r = 0; r < lanes; r++, lane += 4, to += bytes) {
        size_t k = 0;
        for (; k * 4 + 4 <= bytes; k++) memcpy(to + k * 4, lane + k * 64, 4);
        if (k * 4 < bytes) memcpy(to + k * 4, lane + k * 64, bytes - k * 4);
    }
}

SWL_INLINE v16f swl_squares(const v16f *x, int count) {
    v16f sum = swl_zero();
    for (int i = 0; i < count; i++) sum += x[i] * x[i];
    return sum;
}

/// Importance times sqrt(mean_square + x^2).
SWL_INLINE void swl_fit_weights(const v16f *x, const v16f *importance, int count, v16f mean_square, v16f *to) {
    for (int i = 0; i < count; i++) to[i] = importance[i] * swl_root(mean_square + x[i] * x[i]);
}

SWL_INLINE v16f swl_total(const v16f *x, int count) {
    v16f sum = swl_zero();
    for (int i = 0; i < count; i++) sum += x[i];
    return sum;
}

/// The first of the numbers that are largest in magnitude, with its sign.
SWL_INLINE v16f swl_largest_magnitude(const v16f *x, int count) {
    v16f largest = swl_zero(), magnitude = swl_zero();
    for (int i = 0; i < count; i++) {
        const v16f a = swl_abs(x[i]);
        const v16i is_larger = a > magnitude;
        magnitude = swl_select(is_larger, a, magnitude);
        largest = swl_select(is_larger, x[i], largest);
    }
    return largest;
}

SWL_INLINE v16f swl_largest_absolute(const v16f *x, int count) {
    v16f largest = swl_zero();
    for (int i = 0; i < count; i++) largest = swl_select(largest > swl_abs(x[i]), largest, swl_abs(x[i]));
    return largest;
}

/// Toward zero; `rest` where it is no number below 2^30.
SWL_INLINE v16i swl_truncated(v16f x, int rest) {
    const v16i fits = swl_abs(x) < swl_splat(0x1p30f);
    return swl_choose(fits, __builtin_convertvector(swl_select(fits, x, swl_zero()), v16i), (v16i)(rest));
}

/// To the nearest whole number, ties away from zero; `rest` where it is no number below 2^30.
SWL_INLINE v16i swl_rounded_away(v16f x, int rest) {
    const v16i whole = swl_truncated(x, rest);
    const v16f left = x - swl_float(whole);
    return whole + ((left <= swl_splat(-0.5f)) & (left > swl_splat(-1.0f))) -
           ((left >= swl_splat(0.5f)) & (left < swl_splat(1.0f)));
}

/// 1 / scale, or 0.
SWL_INLINE v16f swl_inverse(v16f scale) { return swl_select(scale != swl_zero(), 1.0f / scale, swl_zero()); }

/// A half and words behind it.
SWL_INLINE void swl_behind_half(v16u half, const v16u *body, int count, v16u *words) {
    words[0] = half | body[0] << 16;
    for (int k = 1; k < count; k++) words[k] = body[k - 1] >> 16 | body[k] << 16;
    words[count] = body[count - 1] >> 16;
}
