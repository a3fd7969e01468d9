// IQ1_S and IQ1_M: all splits of the sorted numbers into -1, 0 and 1, lane by lane.
#pragma once

#include "grids.h"

#define SWL_LEVELS(m) -1 + (m), (m), 1 + (m), 0
#define SWL_TERNARY(m) {8, 2, {SWL_LEVELS(m), SWL_LEVELS(m), SWL_LEVELS(m), SWL_LEVELS(m)}}
static const swl_coordinates swl_ternary_up = SWL_TERNARY(0.125f), swl_ternary_down = SWL_TERNARY(-0.125f);

/// Where each number stands in ascending order, equals by position.
SWL_INLINE void swl_ranks(const v16f *x, const int count, v16i *ranks) {
    for (int i = 0; i < count; i++) ranks[i] = (v16i)(0);
    for (int j = 1; j < count; j++)
        for (int i = 0; i < j; i++) {
            const v16i is_larger = x[i] > x[j];
            ranks[i] -= is_larger;
            ranks[j] += is_larger + 1;
        }
}

/// Puts each lane's numbers at their ranks.
SWL_INLINE void swl_by_rank(const v16f *x, const v16i *ranks, int count, v16f *to) {
    for (int i = 0; i < count; i++)
        for (int r = 0; r < 16; r++) ((float *)to)[ranks[i][r] * 16 + r] = x[i][r];
}

/// Levels 0, 1, 2 by rank; mirrored where the scale is negative.
SWL_INLINE v16i swl_split_code(const v16i *ranks, v16i first, v16i second, v16i mirrors) {
    v16i code = (v16i)(0);
    for (int j = 0; j < 8; j++) {
        const v16i level = 2 + (v16i)(ranks[j] < first) + (v16i)(ranks[j] < second);
        code |= swl_choose(mirrors, 2 - level, level) << (2 * j);
    }
    return code;
}

/// As swl_snap with weights instead of their roots; `down` are the lanes whose values are moved down.
SWL_INLINE v16i swl_snap_ternary(const swl_grid *grid, const v16f *x, const v16f *weights, v16f scale, v16i lanes,
                                 v16i down, v16i *codes) {
    v16i off = swl_snap(grid, &swl_ternary_up, x, weights, scale, lanes & ~down, codes);
    return off | swl_snap(grid, &swl_ternary_down, x, weights, scale, lanes & down, codes);
}

/// Adds eight numbers' part of a least-squares fit, their values multiplied by `factor`.
SWL_INLINE void swl_add_ternary(const v16f *x, const v16f *weights, v16i codes, v16i down, v16f factor,
                                swl_sums *sums) {
    const v16f move = swl_select(down, swl_splat(-0.125f), swl_splat(0.125f));
    for (int j = 0; j < 8; j++) {
        const v16f q = (swl_float((codes >> (2 * j) & 3) - 1) + move) * factor, wq = weights[j] * q;
        sums->xq += wq * x[j];
        sums->q2 += wq * q;
    }
}

typedef struct swl_split {
    v16f best, scale;
    v16i first, second, moves; // moves: 0 where no split was found, else a number from 1
} swl_split;

SWL_INLINE void swl_try_split(swl_split *split, v16f xq, v16f q2, int first, int second, int moves) {
    const v16i is_better = (q2 > swl_zero()) & (xq * xq > split->best * q2);
    if (!__builtin_reduce_or(is_better)) return;
    split->scale = swl_select(is_better, xq / q2, split->scale);
    split->best = swl_select(is_better, split->scale * xq, split->best);
    split->first = swl_choose(is_better, (v16i)(first), split->first);
    split->second = swl_choose(is_better, (v16i)(second), split->second);
    split->moves = swl_choose(is_better, (v16i)(moves), split->moves);
}

/// IQ1_SFormat.bestSplit: moves 1 is up, 2 is down.
SWL_INLINE swl_split swl_best_split(const v16f *x, const v16f *weights, const v16i *ranks) {
    v16f products[32], sorted_x[32], sorted_w[32], sum_x[33], sum_w[33];
    for (int i = 0; i < 32; i++) products[i] = weights[i] * x[i];
    swl_by_rank(products, ranks, 32, sorted_x);
    swl_by_rank(weights, ranks, 32, sorted_w);
    sum_x[0] = sum_w[0] = swl_zero();
    for (int j = 0; j < 32; j++) {
        sum_x[j + 1] = sum_x[j] + sorted_x[j];
        sum_w[j + 1] = sum_w[j] + sorted_w[j];
    }
    const float *up = swl_ternary_up.values, *down = swl_ternary_down.values;
    // The parts that depend on one place only.
    v16f above_x[33][2], above_w[33][2];
    for (int i = 0; i <= 32; i++) {
        const v16f rest_x = sum_x[32] - sum_x[i], rest_w = sum_w[32] - sum_w[i];
        above_x[i][0] = rest_x * up[2];
        above_x[i][1] = rest_x * down[2];
        above_w[i][0] = rest_w * up[2] * up[2];
        above_w[i][1] = rest_w * down[2] * down[2];
    }
    swl_split split = {swl_splat(-3.40282347e+38f), swl_zero(), (v16i)(0), (v16i)(0), (v16i)(0)};
    for (int first = 0; first <= 32; first++) {
        const v16f below_x[2] = {sum_x[first] * up[0], sum_x[first] * down[0]};
        const v16f below_w[2] = {sum_w[first] * up[0] * up[0], sum_w[first] * down[0] * down[0]};
        for (int second = first; second <= 32; second++) {
            const v16f between_x = sum_x[second] - sum_x[first], between_w = sum_w[second] - sum_w[first];
            swl_try_split(&split, below_x[0] + between_x * up[1] + above_x[second][0],
                          below_w[0] + between_w * up[1] * up[1] + above_w[second][0], first, second, 1);
            swl_try_split(&split, below_x[1] + between_x * down[1] + above_x[second][1],
                          below_w[1] + between_w * down[1] * down[1] + above_w[second][1], first, second, 2);
        }
    }
    return split;
}

static void swl_encode_iq1_s(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[32], scales[8], largest = swl_zero();
    v16i ranks[32], codes[4], downs[8];
    v16u body[12];
    for (int k = 0; k < 12; k++) body[k] = (v16u)(0u);
    const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 8; g++) {
        const v16f *numbers = x + g * 32;
        swl_fit_weights(numbers, importance + g * 32, 32, mean_square, weights);
        swl_ranks(numbers, 32, ranks);
        swl_split split = swl_best_split(numbers, weights, ranks);
        const v16i lanes = ~(swl_largest_absolute(numbers, 32) < swl_splat(1e-12f)) & (split.moves != 0);
        const v16i mirrors = split.scale < swl_zero(), down = (split.moves == 2) ^ mirrors;
        v16f scale = swl_select(mirrors, -split.scale, split.scale);
        v16i off = (v16i)(0);
        for (int k = 0; k < 4; k++) {
            codes[k] = swl_split_code(ranks + k * 8, split.first, split.second, mirrors);
            off |= swl_snap_ternary(grid, numbers + k * 8, weights + k * 8, scale, lanes, down, codes + k);
        }
        swl_sums sums = {swl_zero(), swl_zero()};
        for (int k = 0; k < 4; k++)
            swl_add_ternary(numbers + k * 8, weights + k * 8, codes[k], down, swl_splat(1.0f), &sums);
        scale = swl_select(off & (sums.xq > swl_zero()) & (sums.q2 > swl_zero()), sums.xq / sums.q2, scale);
        v16i points[4];
        v16u high = (v16u)(0u);
        for (int k = 0; k < 4; k++) {
            points[k] = swl_point_index(grid, codes[k], lanes);
            high |= SWL_BITS_U(points[k] >> 8) << (uint32_t)(3 * k);
        }
        body[g] = swl_bytes(points[0], points[1], points[2], points[3]);
        body[8 + g / 2] |= high << (uint32_t)(g % 2 * 16);
        downs[g] = down & lanes;
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    const v16f scale = largest / 15.0f, inverse = 1.0f / scale;
    for (int g = 0; g < 8; g++) {
        const v16i code = swl_scale_code(scales[g], inverse, 7) | (downs[g] & 8);
        body[8 + g / 2] |= SWL_BITS_U(code & ~is_zero) << (uint32_t)(g % 2 * 16 + 12);
    }
    swl_behind_half(swl_to_half(swl_select(is_zero, swl_zero(), scale * 1.125f)), body, 12, words);
}

/// IQ1_MFormat.bestSplit: moves less 1 are two bits, 1 for down, the first half's above.
SWL_INLINE swl_split swl_best_half_split(const v16f *x, const v16f *weights, const v16i *ranks) {
    v16f sum_x[2][17], sum_w[2][17], up_x[2], down_x[2], low_w[2][17][2], high_w[2][17][2];
    const float *up = swl_ternary_up.values, *down = swl_ternary_down.values;
    for (int h = 0; h < 2; h++) {
        v16f products[16], own[16], sorted_x[16], sorted_w[16];
        for (int i = 0; i < 16; i++) {
            // What belongs to the other half adds nothing.
            products[i] = i / 8 == h ? weights[i] * x[i] : swl_zero();
            own[i] = i / 8 == h ? weights[i] : swl_zero();
        }
        swl_by_rank(products, ranks, 16, sorted_x);
        swl_by_rank(own, ranks, 16, sorted_w);
        sum_x[h][0] = sum_w[h][0] = swl_zero();
        for (int j = 0; j < 16; j++) {
            sum_x[h][j + 1] = sum_x[h][j] + sorted_x[j];
            sum_w[h][j + 1] = sum_w[h][j] + sorted_w[j];
        }
        up_x[h] = sum_x[h][16] * up[2];
        down_x[h] = sum_x[h][16] * down[2];
        for (int j = 0; j <= 16; j++) {
            low_w[h][j][0] = sum_w[h][16] * up[2] * up[2] + sum_w[h][j] * (up[0] * up[0] - up[1] * up[1]);
            low_w[h][j][1] = sum_w[h][16] * down[2] * down[2] + sum_w[h][j] * (down[0] * down[0] - down[1] * down[1]);
            high_w[h][j][0] = sum_w[h][j] * (up[1] * up[1] - up[2] * up[2]);
            high_w[h][j][1] = sum_w[h][j] * (down[1] * down[1] - down[2] * down[2]);
        }
    }
    swl_split split = {swl_splat(-3.40282347e+38f), swl_zero(), (v16i)(0), (v16i)(0), (v16i)(0)};
    for (int first = 0; first <= 16; first++)
        for (int second = first; second <= 16; second++) {
            v16f xq[2][2], q2[2][2];
            for (int h = 0; h < 2; h++) {
                const v16f between = sum_x[h][first] + sum_x[h][second];
                xq[h][0] = up_x[h] - between;
                xq[h][1] = down_x[h] - between;
                for (int m = 0; m < 2; m++) q2[h][m] = low_w[h][first][m] + high_w[h][second][m];
            }
            for (int k = 0; k < 4; k++)
                swl_try_split(&split, xq[0][k / 2] + xq[1][k % 2], q2[0][k / 2] + q2[1][k % 2], first, second, k + 1);
        }
    return split;
}

static void swl_encode_iq1_m(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    const swl_grid *grid = context->grid;
    v16f weights[256], scales[16], largest = swl_zero();
    v16i ranks[16], codes[16][2], downs[16][2], points[16][2];
    const v16f mean_square = 2.0f * swl_squares(x, 256) / 256.0f;
    for (int g = 0; g < 16; g++) {
        const v16f *numbers = x + g * 16;
        v16f *w = weights + g * 16;
        if (importance)
            swl_fit_weights(numbers, importance + g * 16, 16, mean_square, w);
        else
            for (int i = 0; i < 16; i++) w[i] = numbers[i] * numbers[i];
        swl_ranks(numbers, 16, ranks);
        swl_split split = swl_best_half_split(numbers, w, ranks);
        const v16i lanes = ~(swl_largest_absolute(numbers, 16) < swl_splat(1e-7f)) & (split.moves != 0);
        const v16i mirrors = split.scale < swl_zero();
        v16f scale = swl_select(mirrors, -split.scale, split.scale);
        v16i off = (v16i)(0);
        swl_sums sums = {swl_zero(), swl_zero()};
        for (int k = 0; k < 2; k++) {
            const v16i down = (((split.moves - 1) >> (1 - k) & 1) != 0) ^ mirrors;
            codes[g][k] = swl_split_code(ranks + k * 8, split.first, split.second, mirrors);
            off |= swl_snap_ternary(grid, numbers + k * 8, w + k * 8, scale, lanes, down, &codes[g][k]);
            swl_add_ternary(numbers + k * 8, w + k * 8, codes[g][k], down, swl_splat(1.0f), &sums);
            points[g][k] = swl_point_index(grid, codes[g][k], lanes);
            downs[g][k] = down & lanes;
            // A group that is left out counts as the grid's first point, whose code is 0.
            codes[g][k] &= lanes;
        }
        scale = swl_select(off & (sums.xq > swl_zero()) & (sums.q2 > swl_zero()), sums.xq / sums.q2, scale);
        scales[g] = swl_select(lanes, scale, swl_zero());
        largest = swl_select(largest > scales[g], largest, scales[g]);
    }
    const v16i is_zero = largest == swl_zero();
    v16f scale = largest / 15.0f;
    const v16f inverse = 1.0f / scale;
    swl_sums sums = {swl_zero(), swl_zero()};
    v16u packed[4];
    for (int k = 0; k < 14; k++) words[k] = (v16u)(0u);
    for (int g = 0; g < 16; g++) {
        const v16i code = swl_scale_code(scales[g], inverse, 7);
        if (g % 4 == 0) packed[g / 4] = (v16u)(0u);
        packed[g / 4] |= SWL_BITS_U(code & ~is_zero) << (uint32_t)(g % 4 * 3);
        for (int k = 0; k < 2; k++) {
            const int at = g * 16 + k * 8;
            swl_add_ternary(x + at, weights + at, codes[g][k], downs[g][k], swl_float(2 * code + 1), &sums);
            words[g / 2] |= SWL_BITS_U(points[g][k] & 255) << (uint32_t)(g % 2 * 16 + k * 8);
            const v16i high = points[g][k] >> 8 | (downs[g][k] & 8 & ~is_zero);
            words[8 + g / 4] |= SWL_BITS_U(high) << (uint32_t)(g % 4 * 8 + k * 4);
        }
    }
    scale = swl_select(sums.q2 > swl_zero(), sums.xq / sums.q2, scale);
    const v16u half = swl_to_half(scale * 1.1125f) & ~SWL_BITS_U(is_zero);
    for (int k = 0; k < 4; k++) packed[k] |= (half >> (uint32_t)(4 * k) & 15u) << 12;
    words[12] = packed[0] | packed[1] << 16;
    words[13] = packed[2] | packed[3] << 16;
}
