// IQ4_NL and IQ4_XS: LevelSearch, lane by lane.
#pragma once

#include "k_quants.h"

static const float swl_iq4_levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

/// The nearest of the levels. The reference compares the distances to two neighbours; near the middle of them both
/// differences are exact, so that comparing with the middle is the same.
SWL_INLINE v16f swl_nearest_level(v16f x) {
    v16f level = swl_splat(swl_iq4_levels[0]);
    for (int k = 0; k < 15; k++) {
        const float middle = (swl_iq4_levels[k] + swl_iq4_levels[k + 1]) / 2;
        level = swl_select(x < swl_splat(middle), level, swl_splat(swl_iq4_levels[k + 1]));
    }
    return level;
}

SWL_INLINE v16i swl_level_code(v16f x) {
    v16i code = (v16i)(15);
    for (int k = 0; k < 15; k++) code += (v16i)(x < swl_splat((swl_iq4_levels[k] + swl_iq4_levels[k + 1]) / 2));
    return code;
}

SWL_INLINE v16f swl_fit_levels(const v16f *x, const v16f *importance, v16f mean_square) {
    v16f weights[32];
    if (importance)
        swl_fit_weights(x, importance, 32, mean_square, weights);
    else
        for (int j = 0; j < 32; j++) weights[j] = x[j] * x[j];
    const v16f largest = swl_largest_magnitude(x, 32);
    v16f scale = swl_zero(), best = swl_zero();
    for (int n = -8; n <= 7; n++) {
        const v16f inverse = n == -8 ? 1.0f / (-largest / swl_iq4_levels[0]) : ((float)n + swl_iq4_levels[0]) / largest;
        v16f sum_xq = swl_zero(), sum_q2 = swl_zero();
        for (int j = 0; j < 32; j++) {
            const v16f q = swl_nearest_level(inverse * x[j]), wq = weights[j] * q;
            sum_xq += wq * x[j];
            sum_q2 += wq * q;
        }
        if (n == -8) {
            scale = swl_select(sum_q2 > swl_zero(), sum_xq / sum_q2, swl_zero());
            best = scale * sum_xq;
            continue;
        }
        const v16i is_better = (sum_q2 > swl_zero()) & (sum_xq * sum_xq > best * sum_q2);
        scale = swl_select(is_better, sum_xq / sum_q2, scale);
        best = swl_select(is_better, scale * sum_xq, best);
    }
    return swl_select(swl_abs(largest) < swl_splat(SWL_ENCODE_NEGLIGIBLE), swl_zero(), scale);
}

static void swl_encode_iq4_nl(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    const v16f scale = swl_fit_levels(x, importance, swl_squares(x, 32) * (2.0f / 32.0f));
    const v16f inverse = swl_inverse(scale);
    v16i codes[32];
    v16u body[4];
    for (int j = 0; j < 32; j++) codes[j] = swl_level_code(inverse * x[j]);
    swl_pack_halves(codes, 1, 16, body);
    swl_behind_half(swl_to_half(scale), body, 4, words);
}

static void swl_encode_iq4_xs(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)context;
    v16f scales[8];
    v16i codes[256], scale_codes[8];
    const v16f mean_square = swl_squares(x, 256) * (2.0f / 256.0f);
    for (int g = 0; g < 8; g++)
        scales[g] = swl_fit_levels(x + g * 32, importance ? importance + g * 32 : NULL, mean_square);
    const v16f scale = -swl_largest_magnitude(scales, 8) / 32.0f;
    const v16f inverse = swl_inverse(scale);
    v16u high = (v16u)(0u);
    for (int g = 0; g < 8; g++) {
        scale_codes[g] = swl_code(inverse * scales[g], -32, 31);
        const v16f group = scale * swl_float(scale_codes[g]);
        const v16f group_inverse = swl_inverse(group);
        for (int j = g * 32; j < g * 32 + 32; j++) codes[j] = swl_level_code(group_inverse * x[j]);
        scale_codes[g] += 32;
        high |= SWL_BITS_U(scale_codes[g] >> 4) << (uint32_t)(2 * g);
    }
    words[0] = swl_to_half(scale) | high << 16;
    v16i low[4];
    for (int k = 0; k < 4; k++) low[k] = (scale_codes[k * 2] & 15) | (scale_codes[k * 2 + 1] & 15) << 4;
    words[1] = swl_bytes(low[0], low[1], low[2], low[3]);
    swl_pack_halves(codes, 8, 16, words + 2);
}
