// IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S: GridSearch, lane by lane.
#pragma once

#include "candidates.h"
#include "k_quants.h"

/// The indices of points that are on the grid; 0 in lanes that are not wanted.
SWL_INLINE v16i swl_point_index(const swl_grid *grid, v16i codes, v16i lanes) {
    int32_t code[16];
    codes &= lanes;
    memcpy(code, &codes, sizeof code);
    for (int r = 0; r < 16; r++) code[r] = grid->places[code[r]];
    memcpy(&codes, code, sizeof codes);
    return codes & lanes & ~(codes >> 31);
}

/// The code of the levels that are nearest.
SWL_INLINE v16i swl_grid_code(const v16f *x, v16f inverse, const int coordinates, const int bits, const int top) {
    v16i code = (v16i)(0);
    for (int i = 0; i < coordinates; i++) code |= swl_code(0.5f * (inverse * x[i] - 1.0f), 0, top) << (i * bits);
    return code;
}

typedef struct swl_sums {
    v16f xq, q2;
} swl_sums;

SWL_INLINE swl_sums swl_grid_sums(const v16f *x, const v16f *weights, const int count, const v16i *codes,
                                  const int coordinates, const int bits) {
    swl_sums sums = {swl_zero(), swl_zero()};
    for (int i = 0; i < count; i++) {
        const v16i level = codes[i / coordinates] >> (i % coordinates * bits) & ((1 << bits) - 1);
        const v16f q = swl_float(2 * level + 1);
        sums.xq += weights[i] * x[i] * q;
        sums.q2 += weights[i] * q * q;
    }
    return sums;
}

/// GridSearch.fit: returns the scale; refit 0 moves the points that were off the grid, 1 all if one was, 2 always all.
SWL_INLINE v16f swl_fit_grid(const swl_grid *grid, const swl_coordinates *kind, const int coordinates, const int bits,
                             const int top, const v16f *x, const v16f *weights, const v16f *roots, const int count,
                             v16f largest, v16f scale, v16i lanes, int steps, float step, int refit, v16i *codes) {
    const int points = count / coordinates;
    v16i trial[8], off[8], trial_off[8];
    v16f best = swl_zero();
    for (int p = 0; p < points; p++) {
        codes[p] = (v16i)(0);
        off[p] = refit ? lanes : (v16i)(0);
    }
    for (int n = -steps; n <= steps; n++) {
        const v16f inverse = ((float)(2 * top + 1) + (float)n * step) / largest, trial_scale = 1.0f / inverse;
        for (int p = 0; p < points; p++) {
            const int at = p * coordinates;
            trial[p] = swl_grid_code(x + at, inverse, coordinates, bits, top);
            trial_off[p] = swl_snap(grid, kind, x + at, roots + at, trial_scale, lanes, trial + p);
        }
        const swl_sums sums = swl_grid_sums(x, weights, count, trial, coordinates, bits);
        const v16i is_better = (sums.q2 > swl_zero()) & (sums.xq * sums.xq > best * sums.q2);
        scale = swl_select(is_better, sums.xq / sums.q2, scale);
        best = swl_select(is_better, scale * sums.xq, best);
        for (int p = 0; p < points; p++) {
            codes[p] = swl_choose(is_better, trial[p], codes[p]);
            off[p] = swl_choose(is_better, trial_off[p], off[p]);
        }
    }
    v16i moves = (v16i)(0);
    for (int p = 0; p < points; p++) moves |= refit == 2 ? lanes : off[p];
    moves &= lanes & (scale > swl_zero());
    if (__builtin_reduce_or(moves)) {
        const v16f inverse = 1.0f / scale;
        for (int p = 0; p < points; p++) {
            const int at = p * coordinates;
            const v16i point_moves = refit ? moves : moves & off[p];
            v16i moved = swl_grid_code(x + at, inverse, coordinates, bits, top);
            swl_snap(grid, kind, x + at, roots + at, scale, point_moves, &moved);
            codes[p] = swl_choose(point_moves, moved, codes[p]);
        }
        const swl_sums sums = swl_grid_sums(x, weights, count, codes, coordinates, bits);
        scale = swl_select(moves & (sums.q2 > swl_zero()), sums.xq / sums.q2, scale);
    }
    return scale;
}

/// SignSplit: the signs of eight numbers as bits.
SWL_INLINE v16i swl_split_signs(const v16f *x, v16f *magnitudes) {
    v16i signs = (v16i)(0);
    for (int i = 0; i < 8; i++) {
        const v16i is_positive = x[i] >= swl_zero();
        magnitudes[i] = swl_select(is_positive, x[i], -x[i]);
        signs |= ~is_positive & (1 << i);
    }
    return signs;
}

/// SignSplit.splitEvenly
SWL_INLINE v16i swl_split_signs_evenly(const v16f *x, const v16f *weights, v16f *magnitudes) {
    v16i signs = swl_split_signs(x, magnitudes), parity = signs ^ signs >> 4;
    parity ^= parity >> 2;
    parity = -((parity ^ parity >> 1) & 1);
    v16f least = weights[0] * x[0] * x[0];
    v16i flipped = (v16i)(0);
    for (int i = 1; i < 8; i++) {
        const v16f size = weights[i] * x[i] * x[i];
        const v16i is_less = size < least;
        least = swl_select(is_less, size, least);
        flipped = swl_choose(is_less, (v16i)(i), flipped);
    }
    for (int i = 0; i < 8; i++) {
        const v16i flips = parity & (flipped == i);
        magnitudes[i] = swl_select(flips, -magnitudes[i], magnitudes[i]);
        signs ^= flips & (1 << i);
    }
    return signs & 127;
}

SWL_INLINE v16f swl_largest_number(const v16f *x, int count) {
    v16f largest = x[0];
    for (int i = 1; i < count; i++) largest = swl_select(largest > x[i], largest, x[i]);
    return largest;
}

SWL_INLINE v16i swl_scale_code(v16f scale, v16f inverse, int top) {
    return swl_code(0.5f * (inverse * scale - 1.0f), 0, top);
}

static void swl_encode_iq2_xxs(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[32], roots[32], magnitudes[32], scales[8], largest = swl_zero();
    v16i codes[32];
    v16u body[16];
    const v16f mean_square = swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 8; g++) {
        const v16f *numbers = x + g * 32;
        v16i signs = (v16i)(0);
        swl_fit_weights(numbers, importance + g * 32, 32, mean_square, weights);
        for (int i = 0; i < 32; i++) roots[i] = swl_root(weights[i]);
        for (int k = 0; k < 4; k++)
            signs |= swl_split_signs_evenly(numbers + k * 8, weights + k * 8, magnitudes + k * 8) << (7 * k);
        v16i lanes = ~(swl_largest_number(magnitudes, 32) < swl_splat(SWL_ENCODE_NEGLIGIBLE));
        const v16f first = swl_fit_scales(magnitudes, weights, 32, 4, codes);
        lanes &= first * 3.0f > swl_zero();
        v16f scale = swl_fit_grid(grid, &swl_grid_of_8, 8, 2, 2, magnitudes, weights, roots, 32, first * 3.0f, first,
                                  lanes, 6, 0.1f, 2, codes);
        const v16i flips = scale < swl_zero();
        scale = swl_select(flips, -scale, scale);
        signs = (signs ^ flips) & 0xfffffff;
        v16i points[4];
        for (int k = 0; k < 4; k++) points[k] = swl_point_index(grid, codes[k], lanes);
        body[g * 2] = swl_bytes(points[0], points[1], points[2], points[3]);
        body[g * 2 + 1] = SWL_BITS_U(signs & lanes);
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 31.0f, inverse = 1.0f / scale;
    for (int g = 0; g < 8; g++) body[g * 2 + 1] |= SWL_BITS_U(swl_scale_code(scales[g], inverse, 15)) << 28;
    for (int k = 0; k < 16; k++) body[k] &= ~SWL_BITS_U(is_zero);
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale)), body, 16, words);
}

/// Two words of 4-bit scales.
SWL_INLINE void swl_pack_scales(const v16f *scales, int count, v16f inverse, v16i is_zero, v16u *words) {
    for (int k = 0; k < count / 8; k++) {
        words[k] = (v16u)(0u);
        for (int j = 0; j < 8; j++) {
            const v16i code = swl_scale_code(scales[k * 8 + j], inverse, 15) & ~is_zero;
            words[k] |= SWL_BITS_U(code) << (uint32_t)(4 * j);
        }
    }
}

static void swl_encode_iq2_xs(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[16], roots[16], magnitudes[16], scales[16], largest = swl_zero();
    v16i codes[2];
    v16u body[18];
    const v16f mean_square = swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 16; g++) {
        const v16f *numbers = x + g * 16;
        v16i signs[2];
        swl_fit_weights(numbers, importance + g * 16, 16, mean_square, weights);
        for (int i = 0; i < 16; i++) roots[i] = swl_root(weights[i]);
        for (int k = 0; k < 2; k++)
            signs[k] = swl_split_signs_evenly(numbers + k * 8, weights + k * 8, magnitudes + k * 8);
        const v16f most = swl_largest_number(magnitudes, 16);
        const v16i lanes = ~(most < swl_splat(SWL_ENCODE_NEGLIGIBLE));
        v16f scale = swl_fit_grid(grid, &swl_grid_of_8, 8, 2, 2, magnitudes, weights, roots, 16, most, most / 5.0f,
                                  lanes, 9, 0.1f, 0, codes);
        const v16i flips = scale < swl_zero();
        scale = swl_select(flips, -scale, scale);
        body[g] = (v16u)(0u);
        for (int k = 0; k < 2; k++) {
            const v16i packed = swl_point_index(grid, codes[k], lanes) | ((signs[k] ^ flips) & 127) << 9;
            body[g] |= SWL_BITS_U(packed & lanes) << (uint32_t)(16 * k);
        }
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 31.0f;
    swl_pack_scales(scales, 16, 1.0f / scale, is_zero, body + 16);
    for (int k = 0; k < 16; k++) body[k] &= ~SWL_BITS_U(is_zero);
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale)), body, 18, words);
}

static void swl_encode_iq2_s(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[16], roots[16], magnitudes[16], scales[16], largest = swl_zero();
    v16i codes[2];
    v16u body[20];
    for (int k = 0; k < 20; k++) body[k] = (v16u)(0u);
    const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 16; g++) {
        const v16f *numbers = x + g * 16;
        v16i signs[2];
        if (importance)
            swl_fit_weights(numbers, importance + g * 16, 16, mean_square, weights);
        else
            for (int i = 0; i < 16; i++) weights[i] = 0.25f * mean_square + numbers[i] * numbers[i];
        for (int i = 0; i < 16; i++) roots[i] = swl_root(weights[i]);
        for (int k = 0; k < 2; k++) signs[k] = swl_split_signs(numbers + k * 8, magnitudes + k * 8);
        const v16f most = swl_largest_number(magnitudes, 16);
        const v16i lanes = ~(most < swl_splat(1e-8f));
        v16f scale = swl_fit_grid(grid, &swl_grid_of_8, 8, 2, 2, magnitudes, weights, roots, 16, most, most / 5.0f,
                                  lanes, 9, 0.1f, 0, codes);
        const v16i flips = scale < swl_zero();
        scale = swl_select(flips, -scale, scale);
        for (int k = 0; k < 2; k++) {
            const int l = g * 2 + k;
            const v16u point = SWL_BITS_U(swl_point_index(grid, codes[k], lanes));
            body[l / 4] |= (point & 255u) << (uint32_t)(l % 4 * 8);
            body[8 + l / 4] |= SWL_BITS_U((signs[k] ^ flips) & 255 & lanes) << (uint32_t)(l % 4 * 8);
            body[16 + l / 16] |= point >> 8 << (uint32_t)(l % 16 * 2);
        }
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 31.0f;
    swl_pack_scales(scales, 16, 1.0f / scale, is_zero, body + 18);
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale * 0.9875f)), body, 20, words);
}

static void swl_encode_iq3_xxs(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[32], roots[32], magnitudes[32], scales[8], largest = swl_zero();
    v16i codes[8];
    v16u body[24];
    const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 8; g++) {
        const v16f *numbers = x + g * 32;
        v16i signs = (v16i)(0);
        if (importance)
            swl_fit_weights(numbers, importance + g * 32, 32, mean_square, weights);
        else
            for (int i = 0; i < 32; i++) weights[i] = numbers[i] * numbers[i];
        for (int i = 0; i < 32; i++) roots[i] = swl_root(weights[i]);
        for (int k = 0; k < 4; k++)
            signs |= swl_split_signs_evenly(numbers + k * 8, weights + k * 8, magnitudes + k * 8) << (7 * k);
        const v16f most = swl_largest_number(magnitudes, 32);
        const v16i lanes = ~(most < swl_splat(1e-8f));
        v16f scale = swl_fit_grid(grid, &swl_grid_of_4, 4, 3, 7, magnitudes, weights, roots, 32, most, most / 15.0f,
                                  lanes, 15, 0.2f, 0, codes);
        const v16i flips = scale < swl_zero();
        scale = swl_select(flips, -scale, scale);
        v16i points[8];
        for (int k = 0; k < 8; k++) points[k] = swl_point_index(grid, codes[k], lanes);
        body[g * 2] = swl_bytes(points[0], points[1], points[2], points[3]);
        body[g * 2 + 1] = swl_bytes(points[4], points[5], points[6], points[7]);
        body[16 + g] = SWL_BITS_U((signs ^ flips) & 0xfffffff & lanes);
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 31.0f, inverse = 1.0f / scale;
    for (int g = 0; g < 8; g++) body[16 + g] |= SWL_BITS_U(swl_scale_code(scales[g], inverse, 15)) << 28;
    for (int k = 0; k < 24; k++) body[k] &= ~SWL_BITS_U(is_zero);
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale * 1.0125f)), body, 24, words);
}

static void swl_encode_iq3_s(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[32], roots[32], magnitudes[32], scales[8], largest = swl_zero();
    v16i codes[8];
    v16u body[27];
    // Indices and signs move on with the groups of each lane that are not zero (IQ3_S.swift says why).
    int place[16] = {0};
    for (int k = 0; k < 27; k++) body[k] = (v16u)(0u);
    const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 8; g++) {
        const v16f *numbers = x + g * 32;
        v16i signs[4];
        if (importance)
            swl_fit_weights(numbers, importance + g * 32, 32, mean_square, weights);
        else
            for (int i = 0; i < 32; i++) weights[i] = numbers[i] * numbers[i];
        for (int i = 0; i < 32; i++) roots[i] = swl_root(weights[i]);
        for (int k = 0; k < 4; k++) signs[k] = swl_split_signs(numbers + k * 8, magnitudes + k * 8);
        const v16f most = swl_largest_number(magnitudes, 32);
        const v16i lanes = ~(most == swl_zero());
        v16f scale = swl_fit_grid(grid, &swl_grid_of_4, 4, 3, 7, magnitudes, weights, roots, 32, most, most / 15.0f,
                                  lanes, 9, 0.2f, 1, codes);
        const v16i flips = scale < swl_zero();
        scale = swl_select(flips, -scale, scale);
        v16i points[8];
        for (int k = 0; k < 8; k++) {
            points[k] = swl_point_index(grid, codes[k], lanes);
            body[16 + g / 4] |= SWL_BITS_U(points[k] >> 8) << (uint32_t)(g % 4 * 8 + k);
        }
        v16u parts[3] = {swl_bytes(points[0], points[1], points[2], points[3]),
                         swl_bytes(points[4], points[5], points[6], points[7]),
                         swl_bytes(signs[0] ^ flips, signs[1] ^ flips, signs[2] ^ flips, signs[3] ^ flips)};
        for (int r = 0; r < 16; r++) {
            if (!lanes[r]) continue;
            body[place[r] * 2][r] = parts[0][r];
            body[place[r] * 2 + 1][r] = parts[1][r];
            body[18 + place[r]++][r] = parts[2][r];
        }
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 31.0f;
    swl_pack_scales(scales, 8, 1.0f / scale, is_zero, body + 26);
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale * 1.033f)), body, 27, words);
}
