// Q2_K...Q6_K. Each function encodes 16 super-blocks of 256 numbers x[i], importance[i] or null, into words of four
// bytes.
#pragma once

#include "searches.h"

/// SuperBlock.divide: the share of the largest, in `codes` as bytes of at most `limit`.
SWL_INLINE v16f swl_divide_scales(const v16f *x, int count, int top, int limit, v16i *codes) {
    v16f largest = swl_zero();
    for (int i = 0; i < count; i++) largest = swl_select(x[i] > largest, x[i], largest);
    const v16f inverse = swl_select(largest > swl_zero(), (float)top / largest, swl_zero());
    for (int i = 0; i < count; i++)
        codes[i] = __builtin_elementwise_min(swl_nearest_bits(inverse * x[i]) & 255, (v16i)(limit));
    return largest / (float)top;
}

/// SuperBlock.refit: codes under the scale and minimum as written; where the scale is zero they stay.
SWL_INLINE void swl_refit(const v16f *x, v16f scale, v16f minimum, int count, int top, v16i *codes) {
    const v16i stays = scale == swl_zero();
    for (int i = 0; i < count; i++)
        codes[i] = swl_choose(stays, codes[i], swl_code((x[i] + minimum) / scale, 0, top));
}

SWL_INLINE void swl_refit_symmetric(const v16f *x, v16f scale, int count, int half, v16i *codes) {
    const v16i stays = scale == swl_zero();
    for (int i = 0; i < count; i++)
        codes[i] = swl_choose(stays, codes[i], swl_code(x[i] / scale, -half, half - 1) + half);
}

/// 16 words: byte l of each half of 128 holds codes l, l + 32, l + 64 and l + 96.
SWL_INLINE void swl_pack_two_bits(const v16i *codes, v16u *words) {
    for (int k = 0; k < 16; k++) {
        const v16i *c = codes + k / 8 * 128 + k % 8 * 4;
        v16i bytes[4];
        for (int j = 0; j < 4; j++) bytes[j] = c[j] | c[j + 32] << 2 | c[j + 64] << 4 | c[j + 96] << 6;
        words[k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}

/// 8 words for each pair of groups of 32: the first's low four bits in the low and the second's in the high half of a
/// byte.
SWL_INLINE void swl_pack_halves(const v16i *codes, int pairs, int distance, v16u *words) {
    for (int pair = 0; pair < pairs; pair++)
        for (int k = 0; k < distance / 4; k++) {
            const v16i *c = codes + pair * distance * 2 + k * 4;
            v16i bytes[4];
            for (int j = 0; j < 4; j++) bytes[j] = (c[j] & 15) | c[j + distance] << 4;
            words[pair * (distance / 4) + k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
        }
}

static void swl_encode_q2_k(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16i codes[256], scale_codes[16], minimum_codes[16];
    v16f weights[16], totals[16], scales[16], minimums[16], scale, minimum;
    if (importance) {
        const v16f mean_square = swl_squares(x, 256) / 256.0f;
        for (int g = 0; g < 16; g++) {
            swl_fit_weights(x + g * 16, importance + g * 16, 16, mean_square, weights);
            totals[g] = swl_total(weights, 16);
            scales[g] = swl_fit_line(x + g * 16, weights, 16, SWL_IMPORTANT_LINE(3), codes + g * 16, minimums + g);
        }
        scale = swl_fit_scales(scales, totals, 16, 15, scale_codes);
        minimum = swl_fit_scales(minimums, totals, 16, 15, minimum_codes);
    } else {
        for (int g = 0; g < 16; g++) {
            for (int l = 0; l < 16; l++) weights[l] = swl_abs(x[g * 16 + l]);
            scales[g] = swl_fit_line(x + g * 16, weights, 16, (swl_line){3, -0.5f, 0.1f, 15, 1}, codes + g * 16,
                                     minimums + g);
        }
        scale = swl_divide_scales(scales, 16, 15, 255, scale_codes);
        minimum = swl_divide_scales(minimums, 16, 15, 255, minimum_codes);
    }
    const v16u scale_half = swl_to_half(scale), minimum_half = swl_to_half(minimum);
    scale = swl_rounded_half(scale_half);
    minimum = swl_rounded_half(minimum_half);
    for (int g = 0; g < 16; g++) {
        const v16i packed = (scale_codes[g] | minimum_codes[g] << 4) & 255;
        scale_codes[g] = packed;
        swl_refit(x + g * 16, scale * swl_float(packed & 15), minimum * swl_float(packed >> 4), 16, 3, codes + g * 16);
    }
    for (int k = 0; k < 4; k++) {
        const v16i *c = scale_codes + k * 4;
        words[k] = swl_bytes(c[0], c[1], c[2], c[3]);
    }
    swl_pack_two_bits(codes, words + 4);
    words[20] = scale_half | minimum_half << 16;
}

static void swl_encode_q3_k(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16i codes[256], scale_codes[16];
    v16f weights[16], totals[16], scales[16], scale;
    if (importance) {
        const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
        for (int g = 0; g < 16; g++) {
            swl_fit_weights(x + g * 16, importance + g * 16, 16, mean_square, weights);
            totals[g] = swl_total(weights, 16);
            scales[g] = swl_fit_symmetric(x + g * 16, weights, 16, 4, codes + g * 16);
        }
        scale = swl_fit_symmetric(scales, totals, 16, 32, scale_codes);
    } else {
        for (int g = 0; g < 16; g += SWL_MOVE_GROUPS)
            swl_fit_by_moves(x + g * 16, 16, 4, codes + g * 16, scales + g);
        const v16f largest = swl_largest_magnitude(scales, 16), inverse = -32.0f / largest;
        const v16i is_zero = largest == swl_zero();
        for (int g = 0; g < 16; g++) {
            const v16i byte = swl_nearest_bits(inverse * scales[g]) << 24 >> 24;
            scale_codes[g] = (swl_clamp(byte, -32, 31) + 32) & ~is_zero;
        }
        scale = swl_select(is_zero, swl_zero(), 1.0f / inverse);
    }
    const v16u half = swl_to_half(scale);
    scale = swl_rounded_half(half);
    for (int g = 0; g < 16; g++)
        swl_refit_symmetric(x + g * 16, scale * swl_float(scale_codes[g] - 32), 16, 4, codes + g * 16);
    for (int k = 0; k < 8; k++) {
        v16i bytes[4];
        for (int j = 0; j < 4; j++) {
            bytes[j] = (v16i)(0);
            for (int m = 0; m < 8; m++) bytes[j] |= (codes[m * 32 + k * 4 + j] >> 2) << m;
        }
        words[k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
    for (int i = 0; i < 256; i++) codes[i] &= 3;
    swl_pack_two_bits(codes, words + 8);
    for (int k = 0; k < 2; k++) {
        const v16i *c = scale_codes + k * 4;
        v16i bytes[4];
        for (int j = 0; j < 4; j++) bytes[j] = (c[j] & 15) | (c[j + 8] & 15) << 4;
        words[24 + k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
    v16i high[4];
    for (int j = 0; j < 4; j++) {
        const v16i *c = scale_codes + j;
        high[j] = c[0] >> 4 | (c[4] >> 4) << 2 | (c[8] >> 4) << 4 | (c[12] >> 4) << 6;
    }
    words[26] = swl_bytes(high[0], high[1], high[2], high[3]);
    words[27] = half;
}

/// KScales.fit: the first four words of Q4_K and Q5_K, and the codes.
SWL_INLINE void swl_encode_k_scales(const v16f *x, const v16f *importance, const swl_line plain, v16i *codes,
                                    v16u *words) {
    v16i s[8], m[8];
    v16f weights[32], totals[8], scales[8], minimums[8], scale, minimum;
    if (importance) {
        const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
        for (int g = 0; g < 8; g++) {
            swl_fit_weights(x + g * 32, importance + g * 32, 32, mean_square, weights);
            totals[g] = swl_total(weights, 32);
            scales[g] = swl_fit_line(x + g * 32, weights, 32, SWL_IMPORTANT_LINE(plain.top), codes + g * 32,
                                     minimums + g);
        }
        scale = swl_fit_scales(scales, totals, 8, 63, s);
        minimum = swl_fit_scales(minimums, totals, 8, 63, m);
    } else {
        for (int g = 0; g < 8; g++) {
            const v16f mean = swl_root(swl_squares(x + g * 32, 32) / 32.0f);
            for (int l = 0; l < 32; l++) weights[l] = mean + swl_abs(x[g * 32 + l]);
            scales[g] = swl_fit_line(x + g * 32, weights, 32, plain, codes + g * 32, minimums + g);
        }
        scale = swl_divide_scales(scales, 8, 63, 63, s);
        minimum = swl_divide_scales(minimums, 8, 63, 63, m);
    }
    const v16u scale_half = swl_to_half(scale), minimum_half = swl_to_half(minimum);
    scale = swl_rounded_half(scale_half);
    minimum = swl_rounded_half(minimum_half);
    v16i bytes[12];
    for (int g = 0; g < 4; g++) {
        bytes[g] = (s[g] | (s[g + 4] >> 4) << 6) & 255;
        bytes[g + 4] = (m[g] | (m[g + 4] >> 4) << 6) & 255;
        bytes[g + 8] = ((s[g + 4] & 15) | m[g + 4] << 4) & 255;
    }
    for (int g = 0; g < 8; g++) {
        // As KScales.unpack reads them.
        const v16i group_scale = g < 4 ? bytes[g] & 63 : (bytes[g + 4] & 15) | (bytes[g - 4] >> 6) << 4;
        const v16i group_minimum = g < 4 ? bytes[g + 4] & 63 : bytes[g + 4] >> 4 | (bytes[g] >> 6) << 4;
        swl_refit(x + g * 32, scale * swl_float(group_scale), minimum * swl_float(group_minimum), 32, plain.top,
                  codes + g * 32);
    }
    words[0] = scale_half | minimum_half << 16;
    for (int k = 0; k < 3; k++)
        words[1 + k] = swl_bytes(bytes[k * 4], bytes[k * 4 + 1], bytes[k * 4 + 2], bytes[k * 4 + 3]);
}

static void swl_encode_q4_k(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16i codes[256];
    swl_encode_k_scales(x, importance, (swl_line){15, -1.0f, 0.1f, 20, 0}, codes, words);
    swl_pack_halves(codes, 4, 32, words + 4);
}

static void swl_encode_q5_k(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16i codes[256];
    swl_encode_k_scales(x, importance, (swl_line){31, -0.5f, 0.1f, 15, 0}, codes, words);
    for (int k = 0; k < 8; k++) {
        v16i bytes[4];
        for (int j = 0; j < 4; j++) {
            bytes[j] = (v16i)(0);
            for (int g = 0; g < 8; g++) bytes[j] |= (codes[g * 32 + k * 4 + j] >> 4) << g;
        }
        words[4 + k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
    swl_pack_halves(codes, 4, 32, words + 12);
}

static void swl_encode_q6_k(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16i codes[256], scale_codes[16];
    v16f scales[16], squares[16];
    for (int g = 0; g < 16; g++) {
        if (!importance)
            for (int l = 0; l < 16; l++) squares[l] = x[g * 16 + l] * x[g * 16 + l];
        scales[g] = swl_fit_symmetric(x + g * 16, importance ? importance + g * 16 : squares, 16, 32, codes + g * 16);
    }
    const v16f largest = swl_largest_magnitude(scales, 16), inverse = -128.0f / largest;
    const v16i is_zero = swl_abs(largest) < swl_splat(SWL_ENCODE_NEGLIGIBLE);
    const v16u half = swl_to_half(1.0f / inverse);
    const v16f scale = swl_rounded_half(half);
    for (int g = 0; g < 16; g++) {
        const v16i code = __builtin_elementwise_min((v16i)(127), swl_nearest_bits(inverse * scales[g]));
        scale_codes[g] = code << 24 >> 24;
        swl_refit_symmetric(x + g * 16, scale * swl_float(scale_codes[g]), 16, 32, codes + g * 16);
    }
    for (int h = 0; h < 2; h++) {
        swl_pack_halves(codes + h * 128, 1, 64, words + h * 16);
        for (int k = 0; k < 8; k++) {
            const v16i *c = codes + h * 128 + k * 4;
            v16i bytes[4];
            for (int j = 0; j < 4; j++)
                bytes[j] = c[j] >> 4 | (c[j + 32] >> 4) << 2 | (c[j + 64] >> 4) << 4 | (c[j + 96] >> 4) << 6;
            words[32 + h * 8 + k] = swl_bytes(bytes[0], bytes[1], bytes[2], bytes[3]);
        }
    }
    for (int k = 0; k < 4; k++) {
        const v16i *c = scale_codes + k * 4;
        words[48 + k] = swl_bytes(c[0], c[1], c[2], c[3]);
    }
    words[52] = half;
    for (int k = 0; k < 53; k++) words[k] &= ~SWL_BITS_U(is_zero);
}
