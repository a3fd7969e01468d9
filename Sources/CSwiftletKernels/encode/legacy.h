// Q4_0...Q8_0, with importance and without.
#pragma once

#include "k_quants.h"

/// The words of 32 codes in one word each of bytes, low halves first; before them the fifth bits, if there are any.
SWL_INLINE int swl_pack_legacy(const v16i *codes, int has_fifth_bits, v16u *words) {
    if (has_fifth_bits) {
        words[0] = (v16u)(0u);
        for (int j = 0; j < 32; j++) words[0] |= SWL_BITS_U(codes[j] >> 4 & 1) << (uint32_t)j;
    }
    swl_pack_halves(codes, 1, 16, words + has_fifth_bits);
    return 4 + has_fifth_bits;
}

/// Q4_0 and Q5_0, whose codes are around `half`.
SWL_INLINE void swl_encode_around(const v16f *x, const v16f *importance, v16f mean_square, const int half,
                                  v16u *words) {
    v16f scale;
    v16i codes[32];
    v16u body[5];
    if (importance) {
        v16f weights[32];
        swl_fit_weights(x, importance, 32, mean_square, weights);
        scale = swl_fit_symmetric(x, weights, 32, half, codes);
    } else {
        scale = swl_largest_magnitude(x, 32) / -(float)half;
        const v16f inverse = swl_inverse(scale);
        for (int j = 0; j < 32; j++) {
            const v16i code = swl_truncated(x[j] * inverse + ((float)half + 0.5f), 0);
            codes[j] = __builtin_elementwise_min(code, (v16i)(2 * half - 1));
        }
    }
    const int count = swl_pack_legacy(codes, half == 16, body);
    swl_behind_half(swl_to_half(scale), body, count, words);
}

/// Q4_1 and Q5_1, whose codes go up from the smallest number.
SWL_INLINE void swl_encode_above(const v16f *x, const v16f *importance, v16f mean_square, const int top, v16u *words) {
    v16f scale, low;
    v16i codes[32];
    if (importance) {
        v16f weights[32], minimum;
        swl_fit_weights(x, importance, 32, mean_square, weights);
        scale = swl_fit_line(x, weights, 32, SWL_IMPORTANT_LINE(top), codes, &minimum);
        low = -minimum;
    } else {
        v16f high = x[0];
        low = x[0];
        for (int j = 1; j < 32; j++) {
            low = swl_min(x[j], low);
            high = swl_max(x[j], high);
        }
        scale = (high - low) / (float)top;
        const v16f inverse = swl_inverse(scale);
        for (int j = 0; j < 32; j++) {
            const v16i code = swl_truncated((x[j] - low) * inverse + 0.5f, 0);
            codes[j] = __builtin_elementwise_min(code, (v16i)(top));
        }
    }
    words[0] = swl_to_half(scale) | swl_to_half(low) << 16;
    swl_pack_legacy(codes, top == 31, words + 1);
}

static void swl_encode_q4_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    swl_encode_around(x, importance, context->mean_square, 8, words);
}
static void swl_encode_q5_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    swl_encode_around(x, importance, context->mean_square, 16, words);
}
static void swl_encode_q4_1(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    swl_encode_above(x, importance, context->mean_square, 15, words);
}
static void swl_encode_q5_1(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    swl_encode_above(x, importance, context->mean_square, 31, words);
}

static void swl_encode_q8_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    const v16f scale = swl_largest_absolute(x, 32) / 127.0f, inverse = swl_inverse(scale);
    v16u body[8];
    for (int k = 0; k < 8; k++) {
        v16i codes[4];
        for (int j = 0; j < 4; j++) codes[j] = swl_rounded_away(x[k * 4 + j] * inverse, 0);
        body[k] = swl_bytes(codes[0], codes[1], codes[2], codes[3]);
    }
    swl_behind_half(swl_to_half(scale), body, 8, words);
}
