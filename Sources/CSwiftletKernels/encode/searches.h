// The searches of Sources/SwiftletTensors/Formats/Search, lane by lane; what they do and where they come from is said
// there.
#pragma once

#include "blocks.h"

typedef struct swl_line {
    int top;
    float first_step, step;
    int steps;
    int uses_magnitudes;
} swl_line;

#define SWL_IMPORTANT_LINE(top) ((swl_line){top, -0.9f, 0.05f, 36, 0})

SWL_INLINE v16f swl_line_error(const v16f *x, const v16f *weights, const v16f *codes, int count, v16f scale, v16f low,
                               int uses_magnitudes) {
    v16f sum = swl_zero();
    for (int i = 0; i < count; i++) {
        v16f difference = scale * codes[i] + low - x[i];
        sum += weights[i] * (uses_magnitudes ? swl_abs(difference) : difference * difference);
    }
    return sum;
}

/// AffineSearch: returns the scale.
SWL_INLINE v16f swl_fit_line(const v16f *x, const v16f *weights, const int count, const swl_line line, v16i *codes,
                             v16f *minimum) {
    v16f low = x[0], high = x[0], sum_w = weights[0], sum_x = sum_w * x[0], trial[32];
    for (int i = 1; i < count; i++) {
        low = swl_select(x[i] < low, x[i], low);
        high = swl_select(x[i] > high, x[i], high);
        sum_w += weights[i];
        sum_x += weights[i] * x[i];
    }
    low = swl_select(low > swl_zero(), swl_zero(), low);
    const v16i is_flat = high == low;
    const v16f first_low = low;
    // The codes are those of the best guess, from the minimum that was best then.
    v16f inverse = (float)line.top / (high - low), best_inverse = inverse, best_low = low, scale = 1.0f / inverse;
    for (int i = 0; i < count; i++) trial[i] = swl_float(swl_code(inverse * (x[i] - low), 0, line.top));
    v16f best = swl_line_error(x, weights, trial, count, scale, low, line.uses_magnitudes);
    for (int n = 0; n <= line.steps; n++) {
        inverse = (line.first_step + line.step * (float)n + (float)line.top) / (high - low);
        v16f sum_l = swl_zero(), sum_l2 = swl_zero(), sum_xl = swl_zero();
        for (int i = 0; i < count; i++) {
            const v16f l = swl_float(swl_code(inverse * (x[i] - low), 0, line.top)), wl = weights[i] * l;
            trial[i] = l;
            sum_l += wl;
            sum_l2 += wl * l;
            sum_xl += wl * x[i];
        }
        const v16f determinant = sum_w * sum_l2 - sum_l * sum_l;
        v16f trial_scale = (sum_w * sum_xl - sum_x * sum_l) / determinant;
        v16f trial_low = (sum_l2 * sum_x - sum_l * sum_xl) / determinant;
        const v16i is_above = trial_low > swl_zero();
        trial_low = swl_select(is_above, swl_zero(), trial_low);
        trial_scale = swl_select(is_above, sum_xl / sum_l2, trial_scale);
        const v16f error = swl_line_error(x, weights, trial, count, trial_scale, trial_low, line.uses_magnitudes);
        const v16i is_better = (determinant > swl_zero()) & (error < best);
        best = swl_select(is_better, error, best);
        best_inverse = swl_select(is_better, inverse, best_inverse);
        best_low = swl_select(is_better, low, best_low);
        scale = swl_select(is_better, trial_scale, scale);
        low = swl_select(is_better, trial_low, low);
    }
    for (int i = 0; i < count; i++) codes[i] = swl_code(best_inverse * (x[i] - best_low), 0, line.top) & ~is_flat;
    *minimum = -swl_select(is_flat, first_low, low);
    return swl_select(is_flat, swl_zero(), scale);
}

/// SymmetricSearch.fit: returns the scale; `weighted` holds weight times x.
SWL_INLINE v16f swl_fit_symmetric(const v16f *x, const v16f *weights, const int count, const int half, v16i *codes) {
    const v16f largest = swl_largest_magnitude(x, count);
    const v16i is_zero = swl_abs(largest) < swl_splat(SWL_ENCODE_NEGLIGIBLE);
    v16f weighted[32], inverse = -(float)half / largest, chosen = inverse, scale = swl_zero(), best = swl_zero();
    for (int i = 0; i < count; i++) weighted[i] = weights[i] * x[i];
    // The first trial, then -9...9 without 0.
    for (int n = -10; n <= 9; n++) {
        if (n == 0) continue;
        if (n > -10) inverse = -((float)half + 0.1f * (float)n) / largest;
        v16f sum_xl = swl_zero(), sum_l2 = swl_zero();
        for (int i = 0; i < count; i++) {
            const v16f l = swl_float(swl_code(inverse * x[i], -half, half - 1));
            sum_xl += weighted[i] * l;
            sum_l2 += weights[i] * l * l;
        }
        if (n == -10) {
            scale = swl_select(sum_l2 != swl_zero(), sum_xl / sum_l2, swl_zero());
            best = scale * sum_xl;
            continue;
        }
        const v16i is_better = (sum_l2 > swl_zero()) & (sum_xl * sum_xl > best * sum_l2);
        scale = swl_select(is_better, sum_xl / sum_l2, scale);
        best = swl_select(is_better, scale * sum_xl, best);
        chosen = swl_select(is_better, inverse, chosen);
    }
    for (int i = 0; i < count; i++) codes[i] = (swl_code(chosen * x[i], -half, half - 1) + half) & ~is_zero;
    return swl_select(is_zero, swl_zero(), scale);
}

#define SWL_MOVE_GROUPS 4

/// SymmetricSearch.fitByMoves of SWL_MOVE_GROUPS groups: each move waits for the one before, so groups take turns.
SWL_INLINE void swl_fit_by_moves(const v16f *x, const int count, const int half, v16i *codes, v16f *scales) {
    v16f sum_xl[SWL_MOVE_GROUPS], sum_l2[SWL_MOVE_GROUPS];
    v16i is_zero[SWL_MOVE_GROUPS];
    for (int g = 0; g < SWL_MOVE_GROUPS; g++) {
        const v16f largest = swl_largest_magnitude(x + g * count, count), inverse = -(float)half / largest;
        is_zero[g] = swl_abs(largest) < swl_splat(SWL_ENCODE_NEGLIGIBLE);
        sum_xl[g] = sum_l2[g] = swl_zero();
        for (int i = g * count; i < (g + 1) * count; i++) {
            codes[i] = swl_code(inverse * x[i], -half, half - 1);
            const v16f w = x[i] * x[i], l = swl_float(codes[i]);
            sum_xl[g] += w * x[i] * l;
            sum_l2[g] += w * l * l;
        }
    }
    for (int round = 0; round < 5; round++) {
        v16i changed = (v16i)(0);
        for (int n = 0; n < count; n++) {
#pragma clang loop unroll(full)
            for (int g = 0; g < SWL_MOVE_GROUPS; g++) {
                const int i = g * count + n;
                const v16f w = x[i] * x[i], wx = w * x[i], old = swl_float(codes[i]);
                v16f xl = sum_xl[g] - wx * old, l2 = sum_l2[g] - w * old * old;
                const v16i code = swl_code(x[i] * l2 / xl, -half, half - 1);
                const v16f new = swl_float(code);
                v16i moves = (xl > swl_zero()) & (code != codes[i]);
                xl += wx * new;
                l2 += w * new * new;
                moves &= (l2 > swl_zero()) & (xl * xl * sum_l2[g] > sum_xl[g] * sum_xl[g] * l2);
                codes[i] = swl_choose(moves, code, codes[i]);
                sum_xl[g] = swl_select(moves, xl, sum_xl[g]);
                sum_l2[g] = swl_select(moves, l2, sum_l2[g]);
                changed |= moves;
            }
        }
        // Groups that are done stay as they are in further rounds.
        if (!__builtin_reduce_or(changed)) break;
    }
    for (int g = 0; g < SWL_MOVE_GROUPS; g++) {
        for (int i = g * count; i < (g + 1) * count; i++) codes[i] = (codes[i] + half) & ~is_zero[g];
        scales[g] = swl_select(is_zero[g] | ~(sum_l2[g] > swl_zero()), swl_zero(), sum_xl[g] / sum_l2[g]);
    }
}

/// ScaleSearch: returns the scale; codes are bytes.
SWL_INLINE v16f swl_fit_scales(const v16f *x, const v16f *weights, const int count, const int top, v16i *codes) {
    v16f largest = swl_zero();
    for (int i = 0; i < count; i++) largest = swl_select(largest > x[i], largest, x[i]);
    const v16i is_zero = largest < swl_splat(SWL_ENCODE_NEGLIGIBLE);
    v16f inverse = (float)top / largest, best = swl_zero(), scale = 1.0f / inverse;
    for (int i = 0; i < count; i++) {
        const v16f difference = x[i] - scale * swl_float(swl_nearest_bits(inverse * x[i]) & 255);
        best += weights[i] * difference * difference;
    }
    for (int n = -4; n <= 4; n++) {
        if (n == 0) continue;
        const v16f guess = (0.1f * (float)n + (float)top) / largest;
        v16f error = swl_zero();
        scale = 1.0f / guess;
        for (int i = 0; i < count; i++) {
            const v16i code = __builtin_elementwise_min((v16i)(top), swl_nearest_bits(guess * x[i]));
            const v16f difference = x[i] - scale * swl_float(code);
            error += weights[i] * difference * difference;
        }
        const v16i is_better = error < best;
        best = swl_select(is_better, error, best);
        inverse = swl_select(is_better, guess, inverse);
    }
    v16f sum_xl = swl_zero(), sum_l2 = swl_zero();
    for (int i = 0; i < count; i++) {
        const v16i code = __builtin_elementwise_min((v16i)(top), swl_nearest_bits(inverse * x[i]));
        const v16f l = swl_float(code);
        codes[i] = code & 255;
        sum_xl += weights[i] * x[i] * l;
        sum_l2 += weights[i] * l * l;
    }
    for (int round = 0; round < 5; round++) {
        v16i changed = (v16i)(0);
        for (int i = 0; i < count; i++) {
            const v16f w = weights[i], wx = w * x[i], old = swl_float(codes[i]);
            v16f xl = sum_xl - wx * old, l2 = sum_l2 - w * old * old;
            v16i moves = (xl > swl_zero()) & (l2 > swl_zero());
            const v16i code = __builtin_elementwise_min((v16i)(top), swl_nearest_bits(x[i] * l2 / xl));
            const v16f new = swl_float(code);
            xl += wx * new;
            l2 += w * new * new;
            moves &= (code != codes[i]) & (xl * xl * sum_l2 > sum_xl * sum_xl * l2);
            codes[i] = swl_choose(moves, code & 255, codes[i]);
            sum_xl = swl_select(moves, xl, sum_xl);
            sum_l2 = swl_select(moves, l2, sum_l2);
            changed |= moves;
        }
        if (!__builtin_reduce_or(changed)) break;
    }
    for (int i = 0; i < count; i++) codes[i] &= ~is_zero;
    return swl_select(is_zero | ~(sum_l2 > swl_zero()), swl_zero(), sum_xl / sum_l2);
}
