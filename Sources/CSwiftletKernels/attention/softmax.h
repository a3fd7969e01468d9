// The softmax of a block: from scores to weights, and how a block joins what came before.
#pragma once

#include "../common/math.h"
#include "../include/swl.h"
#include "strip.h"

#define SWL_LOG2E 1.44269504f

/// 2^x for x <= 0: x = n + r with |r| <= 1/2, the minimax polynomial of degree 6 for 2^r, its relative error 2e-9, by
/// Horner's rule in fma. Below -126.5 zero; NaN stays NaN.
SWL_INLINE v16f swl_power_of_two(v16f x) {
    const v16f magic = swl_splat(12582912.0f), low = swl_splat(-127.0f);
    const v16f bounded = swl_select(low > x, low, x), shifted = bounded + magic, r = bounded - (shifted - magic);
    v16f p = swl_splat(1.534581242594868e-4f);
    p = swl_fma(p, r, swl_splat(1.3399930903688073e-3f));
    p = swl_fma(p, r, swl_splat(9.618489071726799e-3f));
    p = swl_fma(p, r, swl_splat(5.550328642129898e-2f));
    p = swl_fma(p, r, swl_splat(0.24022646248340607f));
    p = swl_fma(p, r, swl_splat(0.6931471824645996f));
    p = swl_fma(p, r, swl_splat(1.0f));
    // n = -127 has the bits of zero.
    return p * SWL_BITS_F((SWL_BITS_I(shifted) - (0x4b400000 - 127)) << 23);
}

/// Tops so far (`before`) and of a block (`now`) become the factors of both; `tops` gets the larger ones. 16 at a time.
SWL_INLINE void swl_join_tops(float before[16], float now[16], float *tops, size_t count) {
    const v16f old = swl_load(before), block = swl_load(now), top = swl_select(block > old, block, old);
    const v16f shift = swl_select(top > swl_splat(-INFINITY), top, swl_zero());
    float lanes[16];
    swl_store(lanes, top);
    for (size_t t = 0; t < count; t++) tops[t] = lanes[t];
    swl_store(before, swl_power_of_two(old - shift));
    swl_store(now, swl_power_of_two(block - shift));
}

SWL_INLINE v16f swl_scaled(v16f s, float scale, float softcap) {
    if (softcap == 0) return s * (scale * SWL_LOG2E);
    return swl_hyperbolic_tangent(s * scale / softcap) * (softcap * SWL_LOG2E);
}

/// Scores [count][SWL_PITCH], columns from ..< to, become weights; sums and tops go on; the factors come back.
/// With partials sums and tops are the block's own.
static void swl_softmax_tile(const swl_attention *a, float *scores, size_t first, size_t count, size_t block, size_t from,
                             size_t to, float (*sums)[16], float *tops, float before[16], float now[16]) {
    const size_t heads = a->end_head - a->first_head;
    const v16i lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    float block_sums[SWL_QUERIES][16];
    memset(before, 0, 16 * sizeof(float));
    memset(now, 0, 16 * sizeof(float));
    for (size_t t = 0; t < count; t++) {
        const int64_t *range = a->ranges + (a->first_row + (first + t) / heads) * 2, start = (int64_t)(block * SWL_CELLS);
        float *row = scores + t * SWL_PITCH;
        v16f tops16 = swl_splat(-INFINITY);
        for (size_t c = from; c < to; c += 16) {
            v16f s = swl_scaled(swl_load(row + c), a->scale, a->softcap);
            const int64_t low = range[0] - start - (int64_t)c, high = range[1] - start - (int64_t)c;
            if (low > 0 || high < 16) {
                const int32_t l = low > 16 ? 16 : (int32_t)(low < 0 ? 0 : low);
                const int32_t h = high < 0 ? 0 : (int32_t)(high > 16 ? 16 : high);
                s = swl_select((lane >= l) & (lane < h), s, swl_splat(-INFINITY));
            }
            swl_store(row + c, s);
            tops16 = swl_max(s, tops16);
        }
        const float top = swl_largest(tops16);
        const v16f shift = swl_splat(top > -INFINITY ? top : 0.0f);
        v16f sum = swl_zero();
        for (size_t c = from; c < to; c += 16) {
            const v16f p = swl_power_of_two(swl_load(row + c) - shift);
            swl_store(row + c, p);
            sum += p;
        }
        swl_store(block_sums[t], sum);
        now[t] = top;
        before[t] = tops[t];
    }
    if (a->partials) {
        memcpy(tops, now, count * sizeof(float));
        memcpy(sums, block_sums, count * sizeof block_sums[0]);
        return;
    }
    swl_join_tops(before, now, tops, count);
    for (size_t t = 0; t < count; t++)
        swl_store(sums[t], swl_fma(swl_load(block_sums[t]), swl_splat(now[t]), swl_load(sums[t]) * before[t]));
}
