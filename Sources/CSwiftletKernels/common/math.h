// exp and what is made of it, in float.
//
// exp: x = n ln 2 + r with |r| <= ln 2 / 2, n ln 2 subtracted in two parts (Cody and Waite), the Taylor polynomial of degree
// 7 for e^r by Horner's rule in fma, its error below 2^-27, so the result is within 1 ulp (tests measure it). Results below
// 2^-126 are zero, those above the largest float are infinite; NaN stays NaN.
#pragma once

#include "vector.h"

SWL_INLINE v16f swl_exp(v16f x) {
    const v16f magic = swl_splat(12582912.0f);
    v16f bounded = swl_min(swl_max(x, swl_splat(-87.33654f)), swl_splat(88.72283f));
    v16f shifted = swl_fma(bounded, swl_splat(1.44269504f), magic);
    v16f n = shifted - magic;
    v16f r = swl_fma(n, swl_splat(-0.693145751953125f), bounded);
    r = swl_fma(n, swl_splat(-1.42860682030941723212e-6f), r);
    v16f p = swl_splat(1.98412698e-4f);
    p = swl_fma(p, r, swl_splat(1.38888889e-3f));
    p = swl_fma(p, r, swl_splat(8.33333333e-3f));
    p = swl_fma(p, r, swl_splat(4.16666667e-2f));
    p = swl_fma(p, r, swl_splat(1.66666667e-1f));
    p = swl_fma(p, r, swl_splat(0.5f));
    p = swl_fma(p, r, swl_splat(1.0f));
    p = swl_fma(p, r, swl_splat(1.0f));
    // 2^n in two factors, so that n = 128 does not overflow on the way.
    v16i whole = SWL_BITS_I(shifted) - SWL_BITS_I(magic);
    v16i half = whole >> 1;
    v16f result = p * SWL_BITS_F((half + 127) << 23) * SWL_BITS_F((whole - half + 127) << 23);
    result = swl_select(x < swl_splat(-87.33654f), swl_zero(), result);
    result = swl_select(x > swl_splat(88.72283f), swl_splat(INFINITY), result);
    return swl_select(x == x, result, x);
}

/// 1 / (1 + e^-x)
SWL_INLINE v16f swl_logistic(v16f x) { return 1.0f / (1.0f + swl_exp(-x)); }

/// tanh: its own series for |x| < 0.35, where 1 - 2 / (e^2|x| + 1) would cancel.
SWL_INLINE v16f swl_hyperbolic_tangent(v16f x) {
    v16f a = swl_abs(x), s = x * x;
    v16f p = swl_splat(-0.0088632355f);
    p = swl_fma(p, s, swl_splat(0.021869488f));
    p = swl_fma(p, s, swl_splat(-0.053968254f));
    p = swl_fma(p, s, swl_splat(0.13333333f));
    p = swl_fma(p, s, swl_splat(-0.33333333f));
    v16f small = swl_fma(p * s, x, x);
    v16f large = 1.0f - 2.0f / (swl_exp(a + a) + 1.0f);
    large = SWL_BITS_F(SWL_BITS_U(large) | (SWL_BITS_U(x) & 0x80000000u));
    return swl_select(a < swl_splat(0.35f), small, large);
}
