// Half and bfloat16, lane by lane. All conversions to float are exact; to half round to nearest even.
#pragma once

#include "vector.h"

/// The low 16 bits of each lane as half.
SWL_INLINE v16f swl_from_half_portable(v16u h) {
    v16u magnitude = (h & 0x7fffu) << 13;
    // Scaling by 2^112 moves the exponent's bias and makes subnormals normal, exactly.
    v16f scaled = SWL_BITS_F(magnitude) * swl_splat(0x1p112f);
    v16f special = SWL_BITS_F(magnitude | 0x7f800000u);
    v16f result = swl_select((v16i)(magnitude >= 0x0f800000u), special, scaled);
    return SWL_BITS_F(SWL_BITS_U(result) | ((h & 0x8000u) << 16));
}

SWL_INLINE float swl_from_half_one(uint16_t h) {
    uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13, bits;
    if (magnitude >= 0x0f800000u) {
        bits = magnitude | 0x7f800000u;
    } else {
        float scaled = __builtin_bit_cast(float, magnitude) * 0x1p112f;
        bits = __builtin_bit_cast(uint32_t, scaled);
    }
    return __builtin_bit_cast(float, bits | (uint32_t)(h & 0x8000) << 16);
}

SWL_INLINE uint16_t swl_to_half_one(float x) {
    uint32_t bits = __builtin_bit_cast(uint32_t, x), sign = bits >> 16 & 0x8000u, a = bits & 0x7fffffffu;
    if (a > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (a >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);
    if (a < 0x38800000u) {
        // Subnormal halves are multiples of 2^-24: adding 0.5 leaves them in the low bits, rounded to nearest even.
        float shifted = __builtin_bit_cast(float, a) + 0.5f;
        return (uint16_t)(sign | (__builtin_bit_cast(uint32_t, shifted) - 0x3f000000u));
    }
    return (uint16_t)(sign | ((a - 0x38000000u + 0xfffu + (a >> 13 & 1)) >> 13));
}
